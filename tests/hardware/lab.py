"""A throw-away computer with real USB devices and no hardware.

QEMU runs Debian's own kernel, which has what containers and most virtual machines have not: USB
with ``dummy_hcd``, a host controller whose other end is a device controller, so that a program can
be a USB printer (``gadgets.py``) and the same kernel's host side plugs it in. libusb, usblp, udev
and permissions are the real ones. The guest sees this computer's files, read-only; what it writes
to ``/run/out`` comes back. Nothing is installed but QEMU and a few tools: the kernel's package is
downloaded and unpacked into a cache.

>>> Missing("No QEMU.").reason
'No QEMU.'
"""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "depmod": "kmod",
    "modprobe": "kmod",
    "udevadm": "udev",
    "cpio": "cpio",
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
}
"""What is needed, and Debian's package that has it."""

FOR_THE_FILES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_rng")
FOR_INPUT = ("evdev", "uinput", "usbhid", "hid_generic", "cdc_acm")
FOR_USB = ("libcomposite", "usb_f_fs", "usb_f_hid", "usb_f_acm", "usblp", "dummy_hcd num=8")
"""Modules in the order they are loaded, with their parameters; 8 sockets to plug into."""

KERNEL_PARTS = (
    "drivers/usb", "drivers/hid", "drivers/input", "drivers/virtio", "drivers/char", "fs",
    "net/9p", "lib", "crypto",
)  # fmt: skip
"""Folders of the kernel's modules that are unpacked: these and what they need."""

MEMORY = "1024"
"""MB."""

COMES_UP = {"kvm": 20.0, "tcg,thread=multi": 120.0}
"""Seconds until the guest has the host's files: 2 and 8 are usual."""


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """The lab cannot run here."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the guest left."""

    exit: int | None
    """Of the command; None: the guest did not get to its end."""
    output: str
    console: str
    """What the kernel said."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test as the guest ran it."""

    name: str
    trouble: str
    """What failed, or empty."""
    skipped: str
    measured: dict[str, str]


def cache_dir() -> Path:
    """Return the folder the kernel is kept in."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "label-gateway" / "usb-lab"


def prepare() -> Path:
    """Return the folder with the kernel and its modules, made once for each choice of them.

    Raises:
        Missing: something is not there that cannot be had.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Missing("The USB lab needs Linux on x86-64.")
    lacking = sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})
    if lacking:
        raise Missing(f"The USB lab needs Debian's packages {' '.join(lacking)}.")
    package = _kernel_package()
    wanted = "\n".join((*FOR_THE_FILES, *FOR_INPUT, *FOR_USB))
    made = cache_dir() / f"{package}-{sha256(wanted.encode()).hexdigest()[:8]}"
    if not (made / "kernel").exists():
        cache_dir().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
            _unpack(package, Path(folder))
            try:
                (Path(folder) / "made").rename(made)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):  # another run was faster
                    raise
    return made


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Missing(f"The USB lab needs {command[0]} to work: {' '.join(last)}")
    return done.stdout


def _kernel_package() -> str:
    """Return the package behind Debian's name for the newest kernel."""
    for line in _run("apt-cache", "depends", "linux-image-amd64").splitlines():
        what, _, name = line.strip().partition(": ")
        if what == "Depends" and name.startswith("linux-image-"):
            return name
    raise Missing("The USB lab needs Debian's kernel, and apt does not know linux-image-amd64.")


def _unpack(package: str, folder: Path) -> None:
    """Put the kernel and the modules that are needed into ``folder/made``."""
    _run("apt-get", "download", package, cwd=folder)
    (archive,) = folder.glob("*.deb")
    tree = folder / "tree"
    tree.mkdir()
    wanted = ["*/boot/vmlinuz-*", "*/modules.order", "*/modules.builtin*"]
    wanted += [f"*/kernel/{part}/*" for part in KERNEL_PARTS]
    unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards -C "$2"'
    _run("sh", "-c", f"{unpack} {' '.join(repr(name) for name in wanted)}", "sh", archive, tree)
    (modules,) = (found.parent for found in tree.rglob("modules.order"))
    if modules.parent != tree / "lib" / "modules":  # newer packages have it in /usr
        (tree / "lib").mkdir(exist_ok=True)
        modules.parent.rename(tree / "lib" / "modules")
        modules = tree / "lib" / "modules" / modules.name
    _run("depmod", "-b", tree, modules.name)
    made = folder / "made"
    (made / "modules").mkdir(parents=True)
    order = []
    for name in (*FOR_THE_FILES, *FOR_INPUT, *FOR_USB):
        module, _, options = name.partition(" ")
        shown = _run("modprobe", "-d", tree, "-S", modules.name, "--show-depends", module)
        for line in shown.splitlines():
            kind, _, rest = line.partition(" ")
            if kind != "insmod":  # built in
                continue
            source = Path(rest.split()[0])
            plain = _plain(source, made / "modules")
            entry = f"{plain} {options}".strip() if source.name.startswith(f"{module}.") else plain
            if entry not in order:
                order.append(entry)
    (made / "modules" / "order").write_text("\n".join(order) + "\n")
    (kernel,) = tree.rglob("vmlinuz-*")
    shutil.copy(kernel, made / "kernel")


def _plain(module: Path, folder: Path) -> str:
    """Copy a module without its compression, and return its name."""
    name = module.name.removesuffix(".xz")
    content = module.read_bytes()
    (folder / name).write_bytes(lzma.decompress(content) if name != module.name else content)
    return name


def _make_initrd(made: Path, initrd: Path) -> None:
    """Write what the guest starts with: made for each run, so never an old one."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for folder in ("bin", "proc", "sys", "dev", "host", "memory", "root"):
            (root / folder).mkdir()
        shutil.copytree(made / "modules", root / "modules")
        shutil.copy(shutil.which("busybox") or "", root / "bin" / "busybox")
        shutil.copy(HERE / "boot.sh", root / "init")
        (root / "init").chmod(0o755)
        names = "\n".join(str(found.relative_to(root)) for found in sorted(root.rglob("*")))
        packed = subprocess.run(
            ["cpio", "--create", "--format=newc", "--quiet"],
            cwd=root, input=names.encode(), capture_output=True, check=True,
        ).stdout  # fmt: skip
    initrd.write_bytes(gzip.compress(packed, 1))


def run(command: str, out: Path, *, limit: float) -> Run:
    """Run a shell command in a new guest, as root, within ``limit`` seconds.

    ``out`` is ``/run/out`` in the guest.

    Raises:
        Missing: the lab cannot run here.
    """
    made = prepare()
    _make_initrd(made, out / "initrd")
    (out / "command").write_text(command, encoding="utf-8")
    with (out / "console").open("wb") as said:
        started = _start("kvm", made, out, said) if os.access("/dev/kvm", os.W_OK) else None
        guest = started or _start("tcg,thread=multi", made, out, said)
        if guest is not None:
            try:
                guest.wait(limit)
            except subprocess.TimeoutExpired:
                guest.kill()
                guest.wait()
                said.write(b"\nlab: the guest ran past its limit\n")
    ended, output = out / "exit", out / "output"
    return Run(
        int(ended.read_text()) if ended.exists() else None,
        output.read_text("utf-8", "replace") if output.exists() else "",
        (out / "console").read_text("utf-8", "replace"),
    )


def run_tests(out: Path, *selection: str, limit: float) -> list[Case]:
    """Run tests in a new guest, chosen as pytest's arguments choose them.

    Raises:
        Missing: the lab cannot run here.
        AssertionError: the guest did not get to their end.
    """
    command = (
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
        "-p", "no:xdist", "--basetemp=/run/pytest", "-o", "junit_family=xunit1",
        "--junitxml=/run/out/report.xml", *selection,
    )  # fmt: skip
    ran = run(f"cd {shlex.quote(str(ROOT))} && {shlex.join(command)}", out, limit=limit)
    report = out / "report.xml"
    assert report.exists(), f"{ran.console[-3000:]}\n{ran.output[-6000:]}"
    return [_case(found) for found in ElementTree.parse(report).getroot().iter("testcase")]


def _case(found: ElementTree.Element) -> Case:
    trouble = [
        f"{part.get('message', '')}\n{part.text or ''}"
        for kind in ("failure", "error")
        for part in found.findall(kind)
    ]
    skipped = [part.get("message", "") for part in found.findall("skipped")]
    module = found.get("classname", "").rpartition(".")[2]
    measured = {part.get("name", ""): part.get("value", "") for part in found.iter("property")}
    return Case(
        f"{module}::{found.get('name', '')}", "\n".join(trouble), "\n".join(skipped), measured
    )


def _start(
    accelerator: str, made: Path, out: Path, said: BinaryIO
) -> subprocess.Popen[bytes] | None:
    """Start a guest; None when it does not come up.

    Emulation always does, and KVM is five times as fast; but in some virtual machines it hangs.
    """
    guest = subprocess.Popen(
        [
            "qemu-system-x86_64", "-accel", accelerator, "-cpu", "max",
            "-smp", "2", "-m", MEMORY, "-nodefaults", "-display", "none", "-serial", "stdio",
            "-no-reboot", "-kernel", str(made / "kernel"), "-initrd", str(out / "initrd"),
            "-append", "console=ttyS0 quiet panic=-1 oops=panic mitigations=off no_timer_check "
            f"random.trust_cpu=on LAB_START={HERE / 'start.sh'}",
            "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
            "-fsdev", f"local,id=out,path={out},security_model=none",
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=out",
            "-device", "virtio-rng-pci",
        ],
        stdin=subprocess.DEVNULL, stdout=said, stderr=said,
    )  # fmt: skip
    up = out / "up"
    ends = time.monotonic() + COMES_UP[accelerator]
    while not up.exists():
        if guest.poll() is not None or time.monotonic() > ends:
            guest.kill()
            guest.wait()
            return None
        time.sleep(0.1)
    return guest


def main() -> int:
    """Run a shell command in a new guest, in this folder and with this Python first in its path."""
    here = f"cd {shlex.quote(str(ROOT))} && PATH={shlex.quote(str(Path(sys.executable).parent))}:"
    with tempfile.TemporaryDirectory() as results:
        ran = run(f"{here}$PATH; {' '.join(sys.argv[1:])}", Path(results), limit=600)
    sys.stdout.write(ran.console + ran.output)
    return 1 if ran.exit is None else ran.exit


if __name__ == "__main__":
    sys.exit(main())
