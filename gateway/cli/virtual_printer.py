"""``label-gateway virtual-printer``: a printer that is a program, for trying things out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gateway.cli.terminal import Terminal
from gateway.cli.words import parse_density, parse_millimetres
from gateway.errors import DeviceBusy, InputRefused


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "virtual-printer",
        help="run a printer that is a program",
        description="Run a virtual label printer: it listens like a real one, draws what it is "
        "sent, takes its time, and keeps the paper as pictures. When it is ready it writes one "
        "line of JSON with its ports; Ctrl-C ends it.",
        epilog="examples:\n"
        "  label-gateway virtual-printer --port 9100 --paper ./paper\n"
        "  label-gateway virtual-printer --port 0 --control 0 --speed 0\n"
        "  label-gateway virtual-printer --port 0 --serial ./line --baud 9600\n"
        "  label-gateway virtual-printer --language escpos --model generic-escpos-180\n"
        '  curl -d \'{"do": "paper_out"}\' http://127.0.0.1:CONTROL/faults\n',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--name", default="virtual", help="what it calls itself (virtual)")
    parser.add_argument(
        "--port", type=int, default=9100, metavar="PORT", help="on 127.0.0.1; 0: any free (9100)"
    )
    parser.add_argument(
        "--serial",
        type=Path,
        metavar="LINK",
        help="be on a serial line (not on Windows): a pseudo terminal, linked there",
    )
    parser.add_argument(
        "--baud", type=int, default=9600, metavar="BAUD", help="of the serial line (9600)"
    )
    parser.add_argument(
        "--language",
        help="what it understands: zpl, escpos, tspl, epl, cpcl, sbpl, brother-ql or dpl (zpl)",
    )
    parser.add_argument(
        "--model", default="", help="a row of models.toml: its language, density and head width"
    )
    parser.add_argument(
        "--paper", type=Path, metavar="DIR", help="keep paper, counter and flash memory there"
    )
    parser.add_argument(
        "--control",
        type=int,
        metavar="PORT",
        help="loopback port to look at the paper and to cause faults; 0: any free",
    )
    parser.add_argument(
        "--density",
        type=parse_density,
        metavar="DOTS",
        help="per mm, or 180dpi (8; as usual for the language)",
    )
    parser.add_argument(
        "--width",
        type=parse_millimetres,
        metavar="MM",
        help="of a label (100; as usual for the language)",
    )
    parser.add_argument(
        "--height",
        type=parse_millimetres,
        metavar="MM",
        help="of a label (50; as usual for the language)",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=152.4,
        metavar="MM/S",
        help="of the paper; 0 prints at once (152.4, six inches)",
    )
    parser.add_argument(
        "--odometer-lag",
        type=int,
        default=0,
        metavar="N",
        help="labels its counter forgets when the power fails (0)",
    )
    parser.add_argument(
        "--silent-on-error",
        action="store_true",
        help="do not answer while paper is out or the head is open, as real ones do",
    )
    parser.set_defaults(command=run_printer)


def run_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve until Ctrl-C."""
    from gateway.drivers.models import find_model, load_models
    from gateway.drivers.virtual.process import run_virtual_printer
    from gateway.drivers.virtual.usual import usual_make
    from gateway.units import parse_density as density_of

    if arguments.serial is not None and (sys.platform == "win32" or arguments.baud < 1):
        raise InputRefused(
            "A serial line is made of a pseudo terminal, which Windows has not; leave --serial out."
            if sys.platform == "win32"
            else f"A serial line has a speed of at least 1 baud, not {arguments.baud}."
        )
    model = load_models().get(arguments.model)
    language = arguments.language or (model.language if model else "zpl")
    usual = usual_make(language, arguments.model)
    density = usual.density if arguments.density is None else density_of(arguments.density)
    if arguments.model:
        find_model(arguments.model, language, density)
    width, height = arguments.width or usual.media.width, arguments.height or usual.media.height
    try:
        run_virtual_printer(
            name=arguments.name,
            port=arguments.port,
            control_port=arguments.control,
            directory=arguments.paper,
            language=language,
            density=density,
            width_mm=width / 1000,
            height_mm=height / 1000,
            head_dots=usual.head_dots,
            speed_mm_s=arguments.speed,
            odometer_lag=arguments.odometer_lag,
            silent_on_error=arguments.silent_on_error,
            serial_link=arguments.serial,
            baud=arguments.baud,
            say=terminal.say,
        )
    except (OSError, OverflowError) as error:
        raise DeviceBusy(
            f"The virtual printer cannot start on port {arguments.port}: {error}. Take another "
            "with --port, or 0 for any that is free.",
            port=arguments.port,
        ) from error
    return 0
