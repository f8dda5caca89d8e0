"""Trouble: the paper ends, the cable is pulled, the computer dies in the middle of a job, a label
is in doubt, a program outside was away for days. The screens say what to do; nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.console.station import needs_chromium
from tests.installed import keep_picture
from tests.outward.receiver import Receiver

if TYPE_CHECKING:
    import httpx

    from tests.console.screen import Screen
    from tests.installed import Running

pytestmark = needs_chromium


def befalls(web: httpx.Client, *faults: str) -> None:
    """Let something happen to the virtual printer."""
    for fault in faults:
        web.post("/v1/printers/zebra/virtual", json={"do": fault}).raise_for_status()


def send(web: httpx.Client, *serials: str) -> str:
    """Send a job of serial labels; return its id."""
    rows = [{"serial": serial} for serial in serials]
    body = {"printer": "zebra", "template": "serial-label", "labels": rows}
    return str(web.post("/v1/jobs", json=body).raise_for_status().json()["id"])


def on_paper(web: httpx.Client) -> list[str]:
    """Return what a scanner reads on the whole pieces of paper, oldest first."""
    sheets: list[dict[str, Any]] = web.get("/v1/printers/zebra/paper?limit=100").json()["items"]
    return [sheet["codes"][0]["text"] for sheet in reversed(sheets) if not sheet["partial"]]


def test_from_the_end_of_the_paper_to_the_last_message(running: Running, person: Screen) -> None:
    web = running.web

    # The paper ends: the screen says so by itself, and what to do.
    person.go("/").sees("Nothing. Everything runs by itself.")
    befalls(web, "paper_out")
    person.sees("zebra: Paper is out.").sees("Load 100 × 50 mm labels, close the lid, press Feed.")
    keep_picture(person, "trouble-1-paper-out")
    befalls(web, "load_paper")
    person.sees("Nothing. Everything runs by itself.")

    # Somebody pulls the cable with labels on their way; they wait, and come out once each.
    befalls(web, "power_off")
    person.sees("zebra: It cannot be reached.").sees("Check its power and cable.")
    first = send(web, "SN-1", "SN-2")
    person.go(f"/jobs/{first}").sees("0 of 2 labels are settled.")
    keep_picture(person, "trouble-2-unplugged")
    befalls(web, "power_on")
    person.sees("2 of 2 labels are settled.")
    assert on_paper(web) == ["SN-1", "SN-2"]

    # The computer dies in the middle of a job, and the printer with it: it forgets its count.
    serials = [f"SN-{n}" for n in range(3, 15)]
    with web.stream("GET", "/v1/events?kind=label.printed") as events:
        lines = events.iter_lines()
        next(lines)  # it listens
        job = send(web, *serials)
        next(line for line in lines if line.startswith("data:"))
        befalls(web, "power_off")
    running.kill()
    person.sees("The gateway does not answer. What you see may be old.", inside="#away")
    keep_picture(person, "trouble-3-away")
    running.start()
    befalls(web, "power_on")
    person.go("/").sees("in doubt")
    doubt = [
        label["data"]["serial"]
        for label in web.get("/v1/printers/zebra/question").raise_for_status().json()["labels"]
    ]
    out = [code for code in on_paper(web) if code in doubt]

    # The one question: somebody looks at the paper and says which came out last.
    person.locator("#waiting a.button").first.click()
    person.sees("Labels in doubt").is_accessible()
    keep_picture(person, "trouble-4-in-doubt")
    if len(doubt) > 1:
        last = out[-1] if out else "None of these"
        person.page.locator("label.choice", has_text=last).first.locator("input").check()
        person.click("Print the missing ones again")
    else:
        person.click("Yes, it is on the paper" if out else "No: print it again")
    person.said("Thank you. What was in doubt is settled.")
    for row in web.get("/v1/jobs").json()["items"]:
        assert web.get(f"/v1/jobs/{row['id']}?wait=60").json()["state"] == "done"
    person.go(f"/jobs/{job}").sees("labels are settled.")
    assert sorted(on_paper(web)) == sorted(["SN-1", "SN-2", *serials]), "each once, none missing"

    # A program outside was away for so long that a message to it was given up.
    with Receiver() as erp:
        person.go("/webhooks").fill("Name", "erp").fill("Address", erp.url).fill("Told of", "item")
        person.click("Make the webhook").sees("shown once and never again")
        erp.says = lambda _: 500
        web.put("/v1/items/DRILL", json={"name": "Drill"}).raise_for_status()
        erp.take(1)
        running.stop()
        with closing(sqlite3.connect(running.folder / "data" / "gateway.db")) as database:
            # Ten tries take three days; the last one is written as the sender writes it.
            database.execute(
                "UPDATE webhook_delivery SET attempts = 10, state = 'dead', next_at = NULL"
            )
            database.commit()
        running.start()
        person.go("/").sees("erp")
        person.go("/webhooks/erp").sees("The receiver answered 500.").is_accessible()
        keep_picture(person, "trouble-5-dead-letter")
        erp.says = lambda _: 200
        before = len(erp.got)
        person.locator("input[name=_ids]").first.check()
        person.click("Send them again").said("1 messages are sent again.")
        person.sees("Everything was taken")
        (message,) = erp.got[before:]
        assert message.event["type"].startswith("item.")
    person.go("/").sees("Nothing. Everything runs by itself.")
