"""Kills and faults at every step, thousands of schedules, one printed line to replay each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from gateway.jobs import WIDEST_WINDOW, Proof
from gateway.ledger import Order
from gateway.printers import Media, Printer
from gateway.store.engine import Database, Transaction
from gateway.store.jobs import JobRow, JobStore
from gateway.units import Um, parse_density
from tests.simulation.world import World

DEATHS = ("before commit", "after commit", "while writing")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database.open(tmp_path_factory.mktemp("simulation") / "gateway.db") as database:
        yield database


def a_printer(database: Database) -> Printer:
    def work(t: Transaction) -> int:
        t.execute(
            "INSERT INTO printer (name, url, language, model, density, media_width, "
            "media_height, created_at, changed_at) "
            "VALUES ('p' || (SELECT count(*) FROM printer), 'sim:', 'zpl', '', '8', 1, 1, 0, 0)"
        )
        return int(t.execute("SELECT max(id) FROM printer").fetchone()[0])

    number = database.run(work)
    return Printer(number, f"p{number}", "sim:", "zpl", parse_density(8), Media(Um(1), Um(1)))


def accept(
    database: Database, store: JobStore, printer: Printer, labels: int, *, strict: bool = False
) -> int:
    order = Order(printer.id, printer.name, "template", (None,) * labels, strict=strict)
    return database.run(lambda t: store.accept(t, order, "test", 0).job)


def states(store: JobStore, jobs: list[int]) -> dict[int, str]:
    return {
        label.seq: label.state for job in jobs for label in store.labels(job, limit=10_000)
    }  # fmt: skip


def run_until_over(world: World, jobs: list[int], turns: int = 4000) -> list[JobRow]:
    rows: list[JobRow] = []
    for _ in range(turns):
        rows = [world.store.job(job) for job in jobs]
        if all(r.counts.queued + r.counts.sending + r.counts.sent - r.counts.silent == 0
               for r in rows):  # fmt: skip
            return rows
        world.turn()
    raise AssertionError(f"still not over after {turns} turns: {rows} {world.press.status}")


def misfortune(world: World, power: bool) -> None:
    """One bad thing, soon over or soon mended."""
    luck, device = world.luck, world.device
    kinds = ["kill", "kill", "reset", "paper", "mute", "power" if power else "reset"]
    match luck.choice(kinds):
        case "kill":
            world.death = luck.choice(DEATHS)
            if world.death == "while writing" and device.line is not None:
                device.line.kill_after = luck.randint(0, 60)
            for _ in range(luck.randint(1, 6)):
                world.turn()
            world.death = None
        case "reset":
            world.budget = luck.randint(0, 80)
            if device.line is not None:
                device.line.budget = luck.randint(0, 80)
            for _ in range(luck.randint(1, 8)):
                world.turn()
        case "paper":
            device.run_out()
            mended = world.now + luck.uniform(1, 3)  # nobody changes a roll faster
            while world.now < mended:
                world.turn()
            device.load_paper()
        case "mute":
            device.mute = True
            for _ in range(luck.randint(1, 8)):
                world.turn()
            device.mute = False
        case "power":
            device.power_off()
            for _ in range(luck.randint(0, 4)):
                world.turn()
            device.power_on()
        case other:
            raise AssertionError(other)


def check(world: World, jobs: list[int]) -> Counter[str]:
    """Hold the promises against the paper, which nobody but the printer wrote."""
    device, said = world.device, states(world.store, jobs)
    paper = Counter(device.printed)
    assert [key for key, n in paper.items() if n > 1] == [], "printed twice"
    ghosts = [key for key, state in said.items() if state == "printed" and not paper[key]]
    assert ghosts == [], "called printed, and is not"
    lost = [key for key, state in said.items() if state not in {"printed", "uncertain"}]
    assert lost == [], "accepted, and neither printed nor asked about"
    bare = [
        key for key in device.without_static_ink if not world.slow or said.get(key) == "printed"
    ]
    assert bare == [], "sent without the ink it needs"
    return Counter(said.values())


@pytest.mark.promise("R1")
@pytest.mark.promise("R3")
@pytest.mark.parametrize("seed", range(60))
def test_kills_and_broken_connections_lose_nothing_and_leave_nothing_uncertain(
    database: Database, seed: int
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck)
    if seed % 2:
        world.device.coy, world.device.seconds_a_label = 1, 0.7
    world.turn()  # it answers once: from then on silence is trouble
    jobs = [accept(database, store, world.settings, luck.randint(1, 12)) for _ in range(3)]
    for _ in range(8):
        for _ in range(luck.randint(0, 10)):
            world.turn()
            if luck.random() < 0.3:
                jobs.append(accept(database, store, world.settings, 1))
        misfortune(world, power=False)
    run_until_over(world, jobs)
    assert check(world, jobs)["uncertain"] == 0


@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
@pytest.mark.parametrize("serial", [False, True])
@pytest.mark.parametrize("lag", [0, 10])
@pytest.mark.parametrize("seed", range(60))
def test_a_power_loss_leaves_at_most_one_window_uncertain(
    database: Database, seed: int, lag: int, serial: bool
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck)
    world.device.lag = lag
    world.serial = serial
    world.turn()  # it answers once: from then on silence is trouble
    jobs = [accept(database, store, world.settings, luck.randint(1, 12)) for _ in range(3)]
    for _ in range(8):
        for _ in range(luck.randint(0, 10)):
            world.turn()
            if luck.random() < 0.3:
                jobs.append(accept(database, store, world.settings, 1))
        misfortune(world, power=True)
    run_until_over(world, jobs)
    said = check(world, jobs)
    assert said["uncertain"] <= WIDEST_WINDOW * world.device.power_losses


@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
@pytest.mark.parametrize("slow", [0.1, 0.3])
@pytest.mark.parametrize("seed", range(60))
def test_labels_that_arrive_behind_others_lost_with_the_power_are_not_taken_for_them(
    database: Database, seed: int, slow: float
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck, slow=slow)
    world.serial = True
    world.turn()
    jobs = [accept(database, store, world.settings, luck.randint(1, 12)) for _ in range(3)]
    for _ in range(6):
        for _ in range(luck.randint(0, 12)):
            world.turn()
        if luck.random() < 0.6:
            world.device.power_off()
            for _ in range(luck.randint(0, 4)):
                world.turn()
            world.device.power_on()
        else:
            misfortune(world, power=False)
    run_until_over(world, jobs)
    check(world, jobs)


@pytest.mark.parametrize("seed", range(30))
def test_a_printer_without_a_counter_is_believed_only_when_nothing_broke(
    database: Database, seed: int
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck)
    world.proof = Proof.IDLE
    world.turn()
    jobs = [accept(database, store, world.settings, 6)]
    for _ in range(4):
        for _ in range(luck.randint(0, 20)):
            world.turn()
        misfortune(world, power=True)
    run_until_over(world, jobs)
    check(world, jobs)


@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
@pytest.mark.parametrize("proof", [Proof.PRINT_END, Proof.FENCE])
@pytest.mark.parametrize("serial", [False, True])
@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_printer_that_reports_its_labels_is_believed_and_its_silence_is_asked_about(
    database: Database, seed: int, deaf: bool, serial: bool, proof: Proof
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck)
    world.proof, world.serial, world.device.deaf = proof, serial, deaf
    world.device.splits = True
    world.turn()
    jobs = [accept(database, store, world.settings, luck.randint(1, 12)) for _ in range(3)]
    faults = 6
    for _ in range(faults):
        for _ in range(luck.randint(0, 15)):
            world.turn()
            if luck.random() < 0.3:
                jobs.append(accept(database, store, world.settings, 1))
        misfortune(world, power=True)
    run_until_over(world, jobs)
    said = check(world, jobs)
    if not deaf:
        most = WIDEST_WINDOW if proof is Proof.PRINT_END else 1
        assert said["uncertain"] <= most * faults


def test_labels_go_one_by_one_where_bytes_may_be_lost(database: Database) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(9), may_lose=True)
    job = accept(database, store, world.settings, 12)
    most = 0
    for _ in range(1000):
        world.turn()
        most = max(most, len(world.device.queue))
        if store.job(job).state == "done":
            break
    assert store.job(job).state == "done"
    assert most == 1
    assert check(world, [job]) == {"printed": 12}


@pytest.mark.parametrize("proof", [Proof.PRINT_END, Proof.FENCE])
def test_a_report_says_how_it_is_known(database: Database, proof: Proof) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(7))
    world.proof = proof
    job = accept(database, store, world.settings, 9)
    run_until_over(world, [job])
    assert {label.evidence for label in store.labels(job)} == {proof.value}
    assert world.press.status.proof == proof.value


def test_the_head_never_waits_while_labels_report_themselves(database: Database) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(8))
    world.proof = Proof.PRINT_END
    job = accept(database, store, world.settings, 100)
    run_until_over(world, [job])
    assert states(store, [job]) == dict.fromkeys(states(store, [job]), "printed")
    assert world.device.idle_head_for < 0.05 * 100 * world.device.seconds_a_label


@pytest.mark.promise("R4")
def test_a_printer_that_never_answers_ends_at_sent_and_is_never_called_printed(
    database: Database,
) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(1))
    world.device.mute = True
    job = accept(database, store, world.settings, 5)
    rows = run_until_over(world, [job])
    assert states(store, [job]) == dict.fromkeys(states(store, [job]), "sent")
    assert (rows[0].state, rows[0].counts.silent) == ("done", 5)
    assert world.press.status.proof == "sent"
    world.turn()
    world.now += 10
    world.device.run()
    assert len(world.device.printed) == 5


@pytest.mark.promise("R4")
@pytest.mark.parametrize("seed", range(40))
def test_a_printer_nobody_asks_prints_nothing_twice_and_leaves_one_label_a_kill_uncertain(
    database: Database, seed: int
) -> None:
    luck = random.Random(seed)
    store = JobStore(database)
    world = World(store, a_printer(database), luck, silent=True)
    jobs = [accept(database, store, world.settings, luck.randint(1, 6)) for _ in range(2)]
    faults = 8
    for _ in range(faults):
        for _ in range(luck.randint(0, 10)):
            world.turn()
            if luck.random() < 0.5:
                jobs.append(accept(database, store, world.settings, 1))
        misfortune(world, power=False)
    run_until_over(world, jobs)
    world.press.close()
    said = Counter(states(store, jobs).values())
    assert max(Counter(world.device.printed).values()) == 1
    assert said.keys() <= {"sent", "uncertain"}
    assert said["uncertain"] <= faults


def test_the_head_never_waits_while_labels_are_followed(database: Database) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(2))
    job = accept(database, store, world.settings, 100)
    run_until_over(world, [job])
    assert states(store, [job]) == dict.fromkeys(states(store, [job]), "printed")
    assert world.device.idle_head_for < 0.05 * 100 * world.device.seconds_a_label


def test_a_printer_that_keeps_its_counter_to_itself_for_once_is_asked_until_it_tells(
    database: Database,
) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(6))
    world.turn()
    job = accept(database, store, world.settings, 4)
    while not world.device.queue:
        world.turn()
    assert world.device.line is not None
    world.proof, world.device.line.dead = Proof.IDLE, True
    for _ in range(10):
        world.turn()
    world.proof = Proof.COUNTER
    run_until_over(world, [job])
    assert check(world, [job]) == {"printed": 4}


def test_strict_labels_leave_one_by_one(database: Database) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(3))
    job = accept(database, store, world.settings, 6, strict=True)
    most = 0
    for _ in range(400):
        world.turn()
        most = max(most, len(world.device.queue))
        if store.job(job).state == "done":
            break
    assert store.job(job).state == "done"
    assert most == 1


def test_a_cancelled_job_under_a_printer_without_paper_is_withdrawn_and_never_comes_out(
    database: Database,
) -> None:
    store = JobStore(database)
    world = World(store, a_printer(database), random.Random(4))
    job = accept(database, store, world.settings, 10)
    while not world.device.queue:
        world.turn()
    world.device.run_out()
    for _ in range(20):
        world.turn()
    assert store.job(job).counts.queued < 10
    database.run(lambda t: store.cancel(t, job, "test"))
    for _ in range(20):
        world.turn()
    world.device.load_paper()
    rows = run_until_over(world, [job])
    assert (rows[0].state, rows[0].counts.cancelled) == ("cancelled", 10)
    assert world.device.printed == []


def test_labels_come_out_in_the_order_of_acceptance(database: Database) -> None:
    luck = random.Random(5)
    store = JobStore(database)
    world = World(store, a_printer(database), luck)
    world.turn()
    jobs = [accept(database, store, world.settings, 9) for _ in range(4)]
    for _ in range(10):
        for _ in range(luck.randint(0, 10)):
            world.turn()
        misfortune(world, power=False)
    run_until_over(world, jobs)
    check(world, jobs)
    assert world.device.printed == sorted(world.device.printed)
