# make run    install into .venv and start the daemon on http://127.0.0.1:8730
# make test   everything that must be true, fast things first
# make editor build the label editor's script again
# make docs   write the generated pages of docs/ again
# make bench  measure the speed beside other print systems and write docs/performance.md

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Two barcode readers that did not draw what they read: tests need them, the product does not.
DEBIAN := libzbar0 libdmtx0b
# A throw-away computer with real USB devices (tests/hardware), and what it starts with.
DEBIAN += qemu-system-x86 seabios kmod udev busybox-static cpio
# What a person sees, and print queues as they are; both are started by the tests that need them.
DEBIAN += chromium cups cups-client
# The other database, and a broker for the feed; the tests run servers of their own.
DEBIAN += postgresql mosquitto
# Letters that the built-in fonts do not have, as somebody would upload them.
DEBIAN += fonts-droid-fallback

.DEFAULT_GOAL := help
.PHONY: help run test lint editor docs bench debian clean

help:
	@sed -n 's/^# //p' Makefile

run: $(VENV)/installed
	@$(BIN)/label-gateway run

# Most tests wait for paper, and so do the campaigns: several at once are quick on two cores. Screens
# are looked at two at a time; real USB devices and stations, where haste counts, have the computer to
# themselves.
ALONE := tests/hardware $(wildcard tests/console/test_station_in_browser.py tests/console/test_keys_in_browser.py tests/console/test_*_modes_in_browser.py)
SCREENS := $(filter-out $(ALONE),$(wildcard tests/console/test_*_in_browser.py tests/editor/test_*_in_browser.py)) tests/walks
test: debian lint
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal $(addprefix --ignore=,tests/campaign $(ALONE) $(SCREENS))
	@$(BIN)/python -m pytest -q -n 5 tests/campaign
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile $(SCREENS)
	@$(BIN)/python -m pytest -q $(ALONE)

# What the label editor's script is built from; the built files are part of the repository.
editor: $(VENV)/installed-for-tests
	@$(BIN)/python -m tests.editor.building

lint: $(VENV)/installed-for-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/installed-for-tests
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m gateway.store.schema

# Some rows only: make bench ROWS="P1 drawing". The peers' services are installed, not started.
bench: $(VENV)/installed-for-tests
	@$(MAKE) --no-print-directory debian DEBIAN="cups cups-client lprint"
	@$(BIN)/python -m benchmarks $(ROWS)

# Editable: after a pull the next start runs the new code without another install.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "label-gateway needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/installed
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --group dev
	@touch $@

# Only root can install packages; for others the tests that need them are skipped and say so.
debian:
	@command -v dpkg-query >/dev/null || exit 0; \
	missing=$$(for package in $(DEBIAN); do \
	  dpkg-query -W -f '$${Status}\n' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; \
	done); \
	test -n "$$missing" || exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
	  apt-get -qq update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $$missing >/dev/null; \
	else \
	  echo "Not root: tests that need" $$missing "are skipped."; \
	fi

clean:
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
