"""A management command: put it into an app as management/commands/watch_orders.py and keep `manage.py watch_orders`
running beside the web server. It hears of every change of every order, also of those that happened while it was down."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

import oneclickdz


class Command(BaseCommand):
    help = "Follows top-ups to their end and notes what became of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing new is there, for cron")

    def handle(self, *arguments: Any, **options: Any) -> None:
        with oneclickdz.Client(expect="sandbox") as client:
            client.orders.resume()
            for event in client.orders.events(wait=not options["once"]):
                if event.order.is_settled:
                    # Here your own model is saved. The same event may come twice: make it harmless.
                    told = f"{event.order.ref} {event.order.state} {event.order.charged}"
                    self.stdout.write(told)  # pyright: ignore[reportUnknownMemberType]
                client.orders.ack(event.cursor)
