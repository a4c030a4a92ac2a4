"""A web service. Run it with `uvicorn fastapi_shop:app`; any number of worker processes may share the journal."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

import oneclickdz

client = oneclickdz.AsyncClient(expect="sandbox")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    await client.orders.resume()  # what an earlier process left unfinished
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)


class TopUp(BaseModel):
    ref: str
    number: str
    amount: Decimal
    plan_code: str = "PREPAID_DJEZZY"


@app.post("/top-ups", status_code=202)
async def send(top_up: TopUp) -> dict[str, Any]:
    order = await client.mobile.send(**top_up.model_dump())
    return {"ref": order.ref, "state": order.state}


@app.get("/top-ups/{ref}")
async def show(ref: str) -> dict[str, Any]:
    return (await client.orders.get(ref)).to_dict()


@app.exception_handler(oneclickdz.OneClickDzError)
async def failed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, oneclickdz.OneClickDzError)
    status = {"validation": 422, "invalid_number": 422, "not_found": 404, "ref_conflict": 409}.get(error.code, 502)
    told = {"code": error.code, "field": error.field, "outcome": error.outcome, "text": error.staff_text("fr")}
    return JSONResponse(told, status)
