"""Jobs on the screen: followed until they are on paper, held, called off, printed again; and the
one question after a power loss, answered by somebody who looks at the paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    """A program beside the browser: the witness of what the pages say was done."""
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as client:
        yield client


def send(web: httpx.Client, *serials: str, **more: Any) -> str:
    """Send a job of serial labels to the virtual printer; return its id."""
    rows = [{"serial": serial} for serial in serials]
    body = {"printer": "zebra", "template": "serial-label", "labels": rows, **more}
    answer = web.post("/v1/jobs", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def on_paper(web: httpx.Client) -> list[str]:
    """Return what a scanner reads on the paper that came out, oldest first."""
    sheets = web.get("/v1/printers/zebra/paper?limit=50").json()["items"]
    return [sheet["codes"][0]["text"] for sheet in reversed(sheets) if not sheet["partial"]]


def test_a_job_is_followed_until_it_is_on_paper_and_a_torn_label_is_printed_again(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    screen.go("/jobs").sees("Nothing was printed yet.").is_accessible()
    job = send(web, "SN-1", "SN-2", "SN-3", hold=True, title="Monday's drills")
    screen.sees("Monday's drills").sees("On hold").sees("0 / 3")  # it came by itself
    screen.click(job).sees("Job J1: Monday's drills").sees("On hold: 3").is_accessible()
    screen.sees("It waits until somebody releases it.").sees("0 of 3 labels are settled.")
    assert on_paper(web) == []
    screen.fill("When it prints", "First of all").click("Change").said("Its place in the queue")
    assert web.get(f"/v1/jobs/{job}").json()["priority"] == 100
    screen.click("Release").said("Job J1 goes on.")
    # Nobody loads the page anew from here until the last label is on paper.
    screen.sees("On paper: 3").sees("3 of 3 labels are settled.")
    screen.sees("It is on paper: the printer's own counter of labels says so.")
    assert screen.locator("progress").get_attribute("value") == "3"
    assert on_paper(web) == ["SN-1", "SN-2", "SN-3"]
    assert screen.page.get_by_role("button", name="Cancel the job").count() == 0

    screen.fill("Why", "torn").click("Print the ticked labels again").said("Tick the labels")
    assert screen.page.get_by_label("Why", exact=True).input_value() == "torn"
    screen.tick("Tick SN-2").click("Print the ticked labels again").said(
        "Job J2 prints them again."
    )
    screen.at("/jobs/J2").sees("Printed again because").sees("torn").sees(
        "1 of 1 label is settled."
    )
    again = web.get("/v1/jobs/J2").json()
    assert (again["reason"], again["labels"], again["state"]) == ("torn", 1, "done")
    assert on_paper(web) == ["SN-1", "SN-2", "SN-3", "SN-2"]
    screen.click("SN-2").at("/labels/L4").sees("Label SN-2").sees(
        "Printed again for"
    ).is_accessible()
    assert web.get("/v1/labels/L4").json()["reprint_of"] == "L2"
    screen.fill("Why it is printed again", "smeared").click("Print it again")
    screen.at("/jobs/J3").said("Job J3 prints it again.").sees("1 of 1 label is settled.")
    assert on_paper(web)[4:] == ["SN-2"]


def test_jobs_are_held_let_go_and_called_off_together(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    web.post("/v1/printers/zebra/pause")
    first, second, third = (send(web, f"SN-{n}") for n in range(3))
    screen.go("/jobs?state=queued").sees("Waiting").tick(f"Tick {first}").tick(f"Tick {second}")
    screen.click("Hold").said("Jobs put on hold: 2.").does_not_see(first, inside="#jobs")
    states = [web.get(f"/v1/jobs/{job}").json()["state"] for job in (first, second, third)]
    assert states == ["held", "held", "queued"]
    screen.go("/jobs?state=held").tick(f"Tick {first}").click("Release").said("Jobs released: 1.")
    screen.go("/jobs").tick(f"Tick {second}").tick(f"Tick {third}")
    screen.click("Cancel the jobs").click("Cancel")
    assert web.get(f"/v1/jobs/{third}").json()["state"] == "queued"  # it was asked for once more
    screen.click("Cancel the jobs").click("Yes").said("Jobs called off: 2.")
    screen.go(f"/jobs/{third}").sees("It was called off before any of it could print.")
    assert web.get(f"/v1/jobs/{third}").json()["state"] == "cancelled"
    screen.go(f"/jobs/{first}").click("Hold").said(f"Job {first} is on hold.").click(
        "Cancel the job"
    )
    screen.click("Yes").said(f"Job {first} is called off.")
    screen.go("/jobs?printer=zebra&state=cancelled").sees(first).sees(second).sees(third)
    web.post("/v1/printers/zebra/resume")
    assert on_paper(web) == []


def test_labels_in_doubt_are_settled_by_whoever_looks_at_the_paper(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    def befalls(*faults: str) -> None:
        for fault in faults:
            web.post("/v1/printers/zebra/virtual", json={"do": fault}).raise_for_status()

    first = send(web, "SN-0")
    assert web.get(f"/v1/jobs/{first}?wait=30").json()["state"] == "done"
    screen.go("/").sees("Nothing. Everything runs by itself.").sees("1 label printed today")
    befalls("paper_out")
    # What is the matter comes by itself, and so does the next thing that is.
    screen.sees("zebra: Paper is out.").sees("Load 100 × 50 mm labels, close the lid, press Feed.")
    screen.is_accessible()
    befalls("load_paper")
    screen.sees("Nothing. Everything runs by itself.")
    with web.stream("GET", "/v1/events?kind=label.printed") as events:
        lines = events.iter_lines()
        next(lines)  # it listens
        job = send(web, *(f"SN-{n}" for n in range(1, 9)))
        next(line for line in lines if line.startswith("data:"))
        befalls("power_off")  # with the next ones on their way
    screen.sees("zebra: It cannot be reached.").sees("Check its power and cable.")
    befalls("power_on")
    screen.sees("in doubt")
    asked = web.get("/v1/printers/zebra/question").json()
    doubt = [label["data"]["serial"] for label in asked["labels"]]
    assert doubt
    came_out = [code for code in on_paper(web) if code in doubt]
    screen.locator("#waiting a.button").first.click()
    screen.sees("Labels in doubt").is_accessible()
    for serial in (asked["last_printed"]["data"]["serial"], *doubt):
        screen.sees(serial)
    last = came_out[-1] if came_out else ""
    if len(doubt) > 1:
        option = screen.page.locator("label.choice", has_text=last or "None of these")
        option.locator("input").check()
        screen.click("Print the missing ones again")
    else:
        screen.click("Yes, it is on the paper" if last else "No: print it again")
    screen.said("Thank you. What was in doubt is settled.").at("/")
    states = {
        label["data"]["serial"]: (label["state"], label["evidence"])
        for label in web.get(f"/v1/jobs/{job}/labels").json()["items"]
    }
    for serial in doubt:
        wanted = ("printed", "operator") if serial in came_out else ("dropped", None)
        assert states[serial] == wanted, serial
    assert web.get("/v1/questions").json()["items"] == []
    for row in web.get("/v1/jobs").json()["items"]:
        assert web.get(f"/v1/jobs/{row['id']}?wait=30").json()["state"] == "done"
    # Each is on paper once: nothing is missing, and nothing came out twice.
    assert sorted(on_paper(web)) == [f"SN-{n}" for n in range(9)]


def test_one_label_in_doubt_is_one_touch_and_a_stale_answer_settles_nothing(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    from gateway.jobs import Event
    from gateway.ledger import Step

    parts = daemon.gateway.parts
    web.post("/v1/printers/zebra/pause")
    zebra = parts.printers.find("zebra").id
    jobs = [send(web, f"SN-{n}") for n in range(2)]

    def doubt(label: int) -> None:
        parts.jobs.record(zebra, [Step(label, Event.CLAIM, marker="M", counter_before=7)])
        parts.jobs.record(zebra, [Step(label, Event.DOUBT, because="The printer lost power.")])

    doubt(1)
    screen.go(f"/jobs/{jobs[0]}").click("Say what became of 1 label")
    screen.sees("Look at the paper of zebra: is this label on it?").sees("The printer lost power.")
    screen.is_accessible()
    doubt(2)
    screen.click("Yes, it is on the paper").said("has other labels in doubt by now, L1 to L2")
    assert len(web.get("/v1/printers/zebra/question").json()["labels"]) == 2
    screen.go("/labels/L2").click("SN-1 is on paper").said("Label SN-1 is on paper.")
    screen.sees("It is on paper: a person saw it.")
    assert web.get("/v1/labels/L2").json()["evidence"] == "operator"
    screen.go("/questions?printer=zebra&then=/printers/zebra").click("No: give it up")
    screen.at("/printers/zebra").said("Thank you. What was in doubt is settled.")
    assert web.get("/v1/labels/L1").json()["state"] == "dropped"
    screen.go("/questions").sees("No label is in doubt").is_accessible()


@pytest.mark.threat("T11")
def test_what_stands_on_a_label_stays_text(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    web.post("/v1/printers/zebra/pause")
    job = send(web, "SN-1", title=hostile)
    screen.go("/jobs").sees(hostile)
    screen.go(f"/jobs/{job}").sees(hostile)
    screen.go("/feed").sees(f"Job {job} for zebra was accepted.")
