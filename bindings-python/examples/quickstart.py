"""A top-up from the price to its end. ONECLICKDZ_API_KEY is the key of a sandbox; ONECLICKDZ_BASE_URL may name a local service."""

import oneclickdz

with oneclickdz.Client(expect="sandbox") as client:
    print(client.account.balance().amount, "DZD on the account")

    # Your own order number as `ref`: the same ref is the same order, however often it is sent.
    order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="order-1001")
    try:
        order = order.wait(timeout=300)
        print(f"{order.state}: charged {order.charged} DZD, back {order.refunded or 0} DZD")
    except oneclickdz.StillPending as pending:
        # Not a failure: do not refund, do not buy again.
        print(f"it goes on, look again at {pending.next_check_at}")
