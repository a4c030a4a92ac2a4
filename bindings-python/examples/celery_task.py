"""A Celery task. The client is made once, before Celery forks its pool; each child opens its own engine by itself."""

import os

import celery

import oneclickdz

app = celery.Celery("celery_task", broker=os.environ.get("CELERY_BROKER_URL", "amqp://"))
client = oneclickdz.Client(expect="sandbox")


# Late acknowledgement is safe: a task that runs twice sends the same `ref`, which is the same order.
@app.task(acks_late=True, autoretry_for=(oneclickdz.StillPending,), retry_backoff=60, max_retries=None)  # type: ignore[untyped-decorator]
def top_up(ref: str, number: str, amount: str, plan_code: str = "PREPAID_DJEZZY") -> str:
    order = client.mobile.send(plan_code=plan_code, number=number, amount=amount, ref=ref)
    return str(order.wait(timeout=120).state)
