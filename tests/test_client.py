"""The Python client, against a whole daemon, also over a line that breaks at the worst moments."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from gateway.client import Gateway, GatewayFault, Job, Problem, Unreachable
from gateway.drivers.virtual.printer import VirtualPrinter

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from tests.conftest import Daemon


@pytest.fixture
def gateway(shared_daemon: Daemon) -> Iterator[Gateway]:
    with Gateway(shared_daemon.url) as client:
        yield client


# ---------------------------------------------------------------- the main job


@pytest.mark.promise("R1")
def test_a_posted_label_is_known_to_be_on_paper(gateway: Gateway, tmp_path: Path) -> None:
    job = gateway.print("zebra", "serial-label", {"serial": "SN-000123", "item": "HT-9000"})
    # A ready printer takes a label at once; one that is just starting lets it wait.
    assert job.state in ("queued", "printing")
    assert (job.labels, job.printer) == (1, "zebra")
    done = gateway.wait(job.id, timeout=30)
    assert (done.state, dict(done.counts), done.on_paper) == ("done", {"printed": 1}, 1)
    (label,) = gateway.labels(job.id)
    assert (label.number, label.state, label.evidence) == (1, "printed", "odometer")
    assert label.data == {"serial": "SN-000123", "item": "HT-9000"}
    sheets = gateway.call("GET", "/v1/printers/zebra/paper")["items"]
    assert [code["text"] for code in sheets[0]["codes"]] == ["SN-000123"]


def test_a_label_built_with_the_zpl_package_is_printed(gateway: Gateway) -> None:
    import zpl

    make: Any = zpl.Label
    label = make(25, 50, 8)  # height and width in mm, dots per mm
    label.origin(5, 5)
    label.barcode_field_default(0.25, 3, 80)
    label.write_barcode(height=80, barcode_type="C", check_digit="N")
    label.write_text("ZPL-PEER-1")
    label.endorigin()
    job = gateway.wait(gateway.print_zpl_label("zebra", label).id, timeout=30)
    assert (job.state, dict(job.counts)) == ("done", {"printed": 1})
    sheets = gateway.call("GET", "/v1/printers/zebra/paper")["items"]
    assert [code["text"] for code in sheets[0]["codes"]] == ["ZPL-PEER-1"]


def test_a_label_that_dumps_zpl_is_printed_as_it_is(gateway: Gateway) -> None:
    class Mine:
        def dumpZPL(self) -> str:  # noqa: N802
            return "^XA^FO50,50^BCN,80^FDMINE-1^FS^XZ"

    job = gateway.wait(gateway.print_zpl_label("zebra", Mine()).id, timeout=30)
    assert job.state == "done"
    sheets = gateway.call("GET", "/v1/printers/zebra/paper")["items"]
    assert [code["text"] for code in sheets[0]["codes"]] == ["MINE-1"]


def test_a_found_printer_is_asked_and_set_up_by_what_it_says(gateway: Gateway) -> None:
    with VirtualPrinter(width_mm=60, height_mm=30) as printer:
        search = gateway.find_printers(printer.url, timeout=0.5)
        (found,) = [one for one in search.found if one.url == printer.url]
        assert (found.via, found.printer, found.problem) == ("address", None, None)
        proposal = gateway.identify_printer(printer.url)
        assert (proposal.sure, proposal.language, proposal.model, proposal.missing) == (
            "sure",
            "zpl",
            "virtual",
            [],
        )
        gateway.call("PUT", "/v1/printers/found", proposal.settings)
        (again,) = [
            one
            for one in gateway.find_printers(printer.url, timeout=0.5).found
            if one.url == printer.url
        ]
        assert again.printer == "found"
        gateway.call("DELETE", "/v1/printers/found")


def test_a_document_is_printed_by_what_it_is(gateway: Gateway) -> None:
    picture = gateway.preview("serial-label", {"serial": "SN-7"}, printer="zebra")
    job = gateway.wait(gateway.print_document("zebra", picture).id, timeout=30)
    assert job.state == "done"
    with pytest.raises(ValueError, match="neither a PDF nor a PNG nor ZPL"):
        gateway.print_document("zebra", b"hello")


def test_a_dry_run_draws_what_would_be_printed_and_stores_nothing(
    gateway: Gateway, tmp_path: Path
) -> None:
    before = [job.id for job in gateway.jobs()]
    pictures = gateway.dry_run("zebra", "serial-label", [{"serial": "A1"}, {"serial": "A2"}])
    texts = []
    for picture in pictures:
        (tmp_path / "x.png").write_bytes(picture)
        with Image.open(tmp_path / "x.png") as image:
            texts.append([code.text for code in zxingcpp.read_barcodes(image)])
    assert texts == [["A1"], ["A2"]]
    assert [job.id for job in gateway.jobs()] == before


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF-"), ("svg", b"<")])
def test_a_preview_comes_in_each_format(gateway: Gateway, form: Any, start: bytes) -> None:
    assert gateway.preview("serial-label", {"serial": "SN-1"}, format=form).startswith(start)


def test_an_action_returns_the_job_as_it_is_after_it(gateway: Gateway) -> None:
    job = gateway.print("zebra", "serial-label", {"serial": "SN-1"}, hold=True, title="later")
    assert gateway.job(job.id).state == "held"
    assert gateway.wait(job.id, timeout=0).state == "held"
    assert gateway.act(job.id, "cancel").state == "cancelled"
    assert gateway.job(job.id).title == "later"


def test_lists_are_read_page_by_page(gateway: Gateway) -> None:
    made = [
        gateway.print("zebra", "serial-label", {"serial": f"P{n}"}, hold=True).id for n in range(3)
    ]
    found = list(gateway.items("/v1/jobs", {"limit": "1", "state": "held"}))
    assert [job["id"] for job in found[:3]] == made[::-1]
    for job in made:
        gateway.act(job, "cancel")


def test_printers_and_templates_are_listed_by_name(gateway: Gateway) -> None:
    (printer,) = gateway.printers()
    assert (printer.name, printer.language, printer.density) == ("zebra", "zpl", 8)
    assert printer.media == {"width": 100_000, "height": 50_000, "stock": ""}
    assert gateway.printer("zebra").name == "zebra"
    assert set(gateway.printer_status("zebra")) >= {"condition", "sentence", "proof"}
    assert [template.name for template in gateway.templates()] == [
        "asset-tag",
        "badge",
        "command",
        "item-label",
        "location-label",
        "scanner-calibration",
        "serial",
        "serial-label",
        "shipping-label",
    ]


# ---------------------------------------------------------------- refusals


def test_a_refusal_is_the_gateways_own_sentence(gateway: Gateway) -> None:
    with pytest.raises(Problem) as refused:
        gateway.print("zebr", "serial-label", {"serial": "SN-1"})
    problem = refused.value
    assert str(problem) == "There is no printer 'zebr'; did you mean 'zebra'?"
    assert (problem.status, problem.name) == (404, "unknown-printer")
    assert problem.title == "There is no such printer"


def test_every_refused_label_is_told(gateway: Gateway) -> None:
    with pytest.raises(Problem) as refused:
        gateway.print("zebra", "serial-label", [{"serial": "A"}, {}, {"serial": "B"}, {}])
    assert [item["index"] for item in refused.value.items] == [1, 3]
    assert refused.value.facts == {"refused": 2, "labels": 4}


def test_no_daemon_is_said_with_where_it_was_looked_for() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    slept: list[float] = []
    with (
        Gateway(f"http://127.0.0.1:{port}", patience=0, sleep=slept.append) as nobody,
        pytest.raises(Unreachable) as missing,
    ):
        nobody.printers()
    assert str(missing.value).startswith(f"No label-gateway answers at http://127.0.0.1:{port} (")
    assert str(missing.value).endswith(
        "); start it with label-gateway run, or set GATEWAY_URL to where it is."
    )
    assert slept == []


def answering(*answers: httpx.Response | Exception, **more: Any) -> tuple[Gateway, list[Any]]:
    """Return a client whose gateway gives these answers in turn, and what it was asked."""
    asked: list[Any] = []
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        # A copy: the client may send the same request object again, changed.
        headers = dict(request.headers)
        asked.append(
            httpx.Request(request.method, request.url, headers=headers, content=request.content)
        )
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = Gateway(
        "http://gateway.test", transport=httpx.MockTransport(handle), sleep=asked.append, **more
    )
    return client, asked


ACCEPTED = {"id": "J1", "state": "queued", "labels": 1, "printer": "zebra", "links": {}}


@pytest.mark.promise("R5")
def test_each_try_of_a_post_carries_the_same_idempotency_key() -> None:
    client, asked = answering(
        httpx.ReadError("cut"), httpx.Response(503), httpx.Response(201, json=ACCEPTED)
    )
    with client:
        assert client.print("zebra", "t", {}) == Job("J1", "queued", "zebra", 1)
    requests = [request for request in asked if isinstance(request, httpx.Request)]
    assert len(requests) == 3
    assert len({request.headers["Idempotency-Key"] for request in requests}) == 1
    assert len({request.content for request in requests}) == 1


def test_two_calls_carry_two_idempotency_keys_unless_told_one() -> None:
    client, asked = answering(*(httpx.Response(201, json=ACCEPTED) for _ in range(4)))
    with client:
        client.print("zebra", "t", {})
        client.print("zebra", "t", {})
        client.print("zebra", "t", {}, idempotency_key="order-17")
        client.print("zebra", "t", {}, idempotency_key="order-17")
    first, second, *told = [request.headers["Idempotency-Key"] for request in asked]
    assert first != second
    assert told == ["order-17", "order-17"]


def test_retry_after_is_kept_to_and_a_too_long_one_is_passed_on() -> None:
    client, asked = answering(
        httpx.Response(429, headers={"Retry-After": "2"}), httpx.Response(200, json={"items": []})
    )
    with client:
        assert client.printers() == []
    assert 2.0 <= asked[1] <= 2.1
    client, asked = answering(
        httpx.Response(429, headers={"Retry-After": "3600"}, json={"detail": "The queue is full."})
    )
    with client, pytest.raises(Problem, match=r"The queue is full\."):
        client.printers()
    assert len(asked) == 1


def test_pauses_grow_and_stay_below_their_bound() -> None:
    client, asked = answering(
        *(httpx.Response(503) for _ in range(8)), httpx.Response(200, json={"items": []})
    )
    with client:
        client.printers()
    pauses = [entry for entry in asked if isinstance(entry, float)]
    bounds = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert all(0 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 422, 507])
def test_what_would_be_refused_again_is_not_asked_again(status: int) -> None:
    client, asked = answering(httpx.Response(status, json={"detail": "No."}))
    with client, pytest.raises(Problem, match=r"No\."):
        client.print("zebra", "t", {})
    assert len(asked) == 1


def test_a_request_that_still_runs_is_asked_for_again() -> None:
    running = {"type": "/problems/still-running", "detail": "Wait."}
    client, _ = answering(
        httpx.Response(409, json=running, headers={"Retry-After": "1"}),
        httpx.Response(201, json=ACCEPTED),
    )
    with client:
        assert client.print("zebra", "t", {}).id == "J1"


def test_an_answer_of_something_else_is_named() -> None:
    client, _ = answering(httpx.Response(404, text="<html>nginx</html>"))
    with client, pytest.raises(Problem) as refused:
        client.printers()
    assert refused.value.detail == (
        "http://gateway.test/v1/printers answered 404 Not Found without saying why; is this "
        "address a label-gateway?"
    )
    client, _ = answering(httpx.Response(201, json={"hello": 1}))
    with client, pytest.raises(GatewayFault, match="The answer is not a job"):
        client.print("zebra", "t", {})


def test_the_key_travels_as_a_bearer_and_nowhere_else() -> None:
    client, asked = answering(httpx.Response(200, json={"items": []}), key="gw_x_y")
    with client:
        client.printers()
    assert asked[0].headers["Authorization"] == "Bearer gw_x_y"
    assert "gw_x_y" not in str(asked[0].url)


# ---------------------------------------------------------------- a line that breaks


def message_from(line: socket.socket) -> bytes:
    """Return one whole HTTP message with a Content-Length, nothing when the line was closed."""
    message, wanted = b"", 1
    while len(message) < wanted:
        more = line.recv(1 << 16)
        if not more:
            return b""
        message += more
        head, blank, _ = message.partition(b"\r\n\r\n")
        if not blank:
            wanted = len(message) + 1
            continue
        lengths = [
            int(field.split(b":")[1])
            for field in head.lower().split(b"\r\n")
            if field.startswith(b"content-length:")
        ]
        wanted = len(head) + len(blank) + sum(lengths)
    return message


class BreakingLine:
    """A line to the gateway that loses the first answers: the request arrives, nobody hears."""

    def __init__(self, port: int, lost: int, answer_bytes: int = 0) -> None:
        self.lost = lost
        self._port = port
        self._keep = answer_bytes
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(caller,))
            self._threads.append(thread)
            thread.start()

    def _carry(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(("127.0.0.1", self._port)) as gateway:
            while request := message_from(caller):
                gateway.sendall(request)
                answer = message_from(gateway)
                if self.lost > 0:
                    self.lost -= 1
                    caller.sendall(answer[: self._keep])
                    return
                caller.sendall(answer)

    def close(self) -> None:
        # shutdown wakes the accept on Linux, close does elsewhere.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join()


def lost_answers() -> list[ParameterSet]:
    return [
        pytest.param(0, id="nothing of the answer arrives"),
        pytest.param(20, id="half of its head arrives"),
        pytest.param(150, id="its body is cut"),
    ]


@pytest.mark.promise("R5")
@pytest.mark.parametrize("kept", lost_answers())
def test_a_lost_answer_makes_one_job_and_not_two(shared_daemon: Daemon, kept: int) -> None:
    with Gateway(shared_daemon.url) as direct:
        before = [job.id for job in direct.jobs()]
        line = BreakingLine(int(shared_daemon.url.rpartition(":")[2]), lost=2, answer_bytes=kept)
        with closing(line), Gateway(line.url) as client:
            job = client.print("zebra", "serial-label", {"serial": "ONCE"}, hold=True)
        assert line.lost == 0
        assert [job.id for job in direct.jobs()] == [job.id, *before]
        direct.act(job.id, "cancel")


# ---------------------------------------------------------------- the feed


def test_the_feed_is_replayed_from_where_a_listener_left_off(gateway: Gateway) -> None:
    job = gateway.print("zebra", "serial-label", {"serial": "FEED"}, hold=True)
    gateway.act(job.id, "cancel")
    mine = []
    for event in gateway.events(after=0):
        if event.subject == f"jobs/{job.id}":
            mine.append(event)
        if event.kind == "job.cancelled" and event.subject == f"jobs/{job.id}":
            break
    assert [event.kind for event in mine] == ["job.accepted", "job.cancelled"]
    assert mine[0].actor == "local"
    assert mine[0].at is not None
    again = next(gateway.events(after=mine[0].id, kinds=["job.cancelled"]))
    assert again == mine[1]


def test_a_listener_whose_line_breaks_goes_on_without_a_gap() -> None:
    """Not even before the first event: the gateway says at once where the feed stands."""

    def entry(number: int) -> str:
        return f'id: {number}\ndata: {{"id":"{number}","type":"job.done"}}\n\n'

    client, asked = answering(
        httpx.Response(200, text="id: 40\n\n"),
        httpx.Response(200, text="id: 40\n\n" + entry(41) + entry(42)),
        httpx.ReadError("cut"),
        httpx.Response(503, headers={"Retry-After": "1"}),
        httpx.Response(200, text="id: 42\n\n" + entry(43)),
    )
    with client:
        feed = client.events()
        assert [next(feed).id for _ in range(3)] == [41, 42, 43]
    places = [r.headers.get("Last-Event-ID") for r in asked if isinstance(r, httpx.Request)]
    assert places == [None, "40", "42", "42", "42"]


def test_a_listener_gives_up_when_the_gateway_stays_away() -> None:
    client, _ = answering(httpx.ConnectError("refused"), patience=0.0)
    with client, pytest.raises(Unreachable) as gone:
        next(client.events(after=7))
    assert str(gone.value) == (
        "The gateway at http://gateway.test has been away for 0 s; the last event was 7."
    )


def test_the_feed_of_a_daemon_says_its_place_at_once(gateway: Gateway) -> None:
    with httpx.stream("GET", f"{gateway.url}/v1/events") as answer:
        first = next(answer.iter_lines())
    assert first.startswith("id: ")


def test_labels_come_as_sheets_of_paper(gateway: Gateway) -> None:
    (wide,) = (sheet for sheet in gateway.known_sheets() if sheet["name"] == "avery-l7163")
    assert (wide["columns"], wide["rows"], wide["label"]["width"]) == (2, 7, 99_100)
    sheet = {"label": {"width": 100_000, "height": 50_000}, "columns": 2, "rows": 5}
    rows = [{"serial": f"SN-{n}"} for n in range(4)]
    written = gateway.sheets("serial-label", rows, sheet, start=9, copies=2, density=8)
    assert written.startswith(b"%PDF-")
    assert written.count(b"/Type/Page/") == 2
    assert written.count(b"/Subtype/Image") == 4
    with pytest.raises(Problem) as refused:
        gateway.sheets("serial-label", rows, "avery-l7160", version="1", marks=True)
    assert refused.value.type == "/problems/off-the-label"


def test_commands_that_are_no_text_go_to_a_printer_that_speaks_them(gateway: Gateway) -> None:
    picture = b"^XA^FO16,16^GFB,4,4,1,\xff\x81\x81\xff^FS^XZ"
    job = gateway.wait(gateway.print_raw("zebra", picture).id, timeout=30)
    assert (job.state, dict(job.counts)) == ("done", {"printed": 1})
    with pytest.raises(Problem) as refused:
        gateway.print_document("zebra", picture, type="application/octet-stream", pages="1")
    assert refused.value.detail == (
        "Printer commands print as they stand and take no 'pages'; leave it out, or send the label "
        "as PDF or PNG."
    )
