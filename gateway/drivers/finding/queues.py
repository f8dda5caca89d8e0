"""Print queues of this computer: on Windows and macOS often the only way to a USB printer.

A queue lets no answer through, so what is behind it is only guessed from its name and model.
"""

from __future__ import annotations

from gateway.drivers.finding.found import Found, describe_found
from gateway.drivers.transports.spool import Queue, list_queues


def find(timeout: float) -> list[Found]:
    """Return the print queues of this computer.

    Raises:
        DeviceUnreachable: the spooler does not let this program ask.
    """
    return [describe_queue(queue) for queue in list_queues()]


def describe_queue(queue: Queue) -> Found:
    """Return a queue as a found device, called by its name."""
    return describe_found(queue.url, "queues", model=f"{queue.name} {queue.model}")
