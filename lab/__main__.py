"""`python -m lab`: the lab for practice, by hand.

up [--suite SUITE] [--servers N]    boot d1, d2 … and client, unless they are up; they stay so until `down`
down                                end it and remove every trace, of crashed runs too
status                              which hosts are on, and where the floating address is
shell HOST                          a root shell on a host
story [--suite SUITE] [--keep]      deploy, cut the cable of the holder, tell what happened
images | keys                       only build the images and layers, only make the SSH keys
layer STATE SUITE                   only build one layer (see lab.layers)
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from lab import image, keys, layers, making, namespace, runs
from lab.lab import Lab
from lab.names import COMING, DEFAULT_SUITE, FLOATING, SUITES
from lab.paths import RUNS
from lab.shell import LabError
from lab.story import deploy, tell

PAUSES = (15, 30, 60)
"""Seconds before `images` tries again. Whoever waits for a lab, a test or a person, is told at once."""


def names(servers: int) -> list[str]:
    """The usual host names: that many servers, and the client."""
    return [*(f"d{number}" for number in range(1, servers + 1)), "client"]


def up(args: argparse.Namespace) -> int:
    """Boot the practice lab."""
    wanted = dict.fromkeys(names(args.servers), args.suite)
    run = runs.find(runs.PRACTICE)
    if run and run.alive() and run.hosts == wanted:
        print("they are up already", file=sys.stderr)
        lab = Lab(run)
    else:
        lab = Lab.up(wanted, name=runs.PRACTICE)
    for host in lab.hosts.values():
        print(f"{host.name:7} {host.spec.suite:9} {host.spec.address:11} ssh -p {host.spec.port} root@127.0.0.1")
    return 0


def down(_: argparse.Namespace) -> int:
    """End the practice lab and that of `make story`, and sweep up after crashed ones."""
    gone = runs.sweep()
    for name in (runs.PRACTICE, runs.WARM):
        if (run := runs.find(name)) is not None:
            run.destroy()
            gone.append(name)
    namespace.forget(runs.WARM_NETWORK)
    with suppress(OSError):  # a lab of a test run may be up
        RUNS.rmdir()
    print(f"removed: {', '.join(gone)}" if gone else "no lab was up")
    return 0


def status(_: argparse.Namespace) -> int:
    """Show every host of the practice lab."""
    lab = Lab.attach()
    for host in lab.hosts.values():
        state = "off"
        if host.is_on():
            state = "on" if host.carrier() else "on, cable pulled"
        print(f"{host.name:7} {state:17} {FLOATING if host.holds(FLOATING) else ''}")
    return 0


def shell(args: argparse.Namespace) -> int:
    """Become a root shell on a host."""
    os.execvp("nsenter", Lab.attach().host(args.host).shell_argv())


def story(args: argparse.Namespace) -> int:
    """Boot a fresh lab for practice, deploy to it, cut the holder's cable and tell what happened."""
    down(args)
    began = time.monotonic()
    lab = Lab.up(dict.fromkeys(names(2), args.suite), name=runs.PRACTICE)
    print(f"d1, d2 and client are up ({args.suite}, {time.monotonic() - began:.1f} s)", flush=True)
    try:
        deploy()
        tell(lab)
    finally:
        if not args.keep:
            lab.down()
    if args.keep:
        print("\nThe lab stays up: `python -m lab status`, `python -m lab shell d1`; `make lab-stop` removes it.")
    return 0


def images(_: argparse.Namespace) -> int:
    """Build every image that is missing."""
    built, gone = _images()
    for suite_image in built.values():
        print(suite_image.path)
    for suite, reason in gone.items():
        print(f"NOT BUILT: {suite} is past its support, and cannot be had any more: {reason}", file=sys.stderr)
    layers.ensure((state, suite) for suite in built for state in layers.State)
    return 0


def _images() -> tuple[dict[str, image.Image], dict[str, str]]:
    """All of them; an archive, or only its name, may be out of reach for a moment, so it is asked again."""
    for pause in PAUSES:
        try:
            return image.ensure_supported(SUITES)
        except LabError as problem:
            lines = str(problem).rstrip().splitlines()
            why = next((line for line in lines if line.startswith("E: ")), lines[-1])
            print(f"lab: not all images could be built ({why}); again in {pause} s", file=sys.stderr, flush=True)
            time.sleep(pause)
    return image.ensure_supported(SUITES)


def layer(args: argparse.Namespace) -> int:
    """Make the hosts of one state, in a network of our own: other labs may be up."""
    namespace.isolate()
    with layers.place_for(args.state, args.suite) as directory:
        if directory is not None:
            making.MAKERS[args.state](args.suite, directory)
    return 0


def make_keys(_: argparse.Namespace) -> int:
    """Make the SSH keys that the lab and the Vagrantfile use."""
    keys.ensure(names(2))
    return 0


def main(argv: list[str] | None = None) -> int:
    """The command line; exit code 1 with one line on stderr where something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m lab", description="The lab for practice.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, does in (("up", up), ("down", down), ("status", status), ("shell", shell), ("story", story)):
        command = commands.add_parser(name, help=does.__doc__)
        command.set_defaults(does=does)
        if does in (up, story):
            command.add_argument("--suite", choices=SUITES, default=DEFAULT_SUITE)
        if does is up:
            command.add_argument("--servers", type=int, default=2, help="how many servers (2 to 30)")
        if does is story:
            command.add_argument("--keep", action="store_true", help="leave the lab up afterwards")
        if does is shell:
            command.add_argument("host")
    commands.add_parser("images", help=images.__doc__).set_defaults(does=images)
    command = commands.add_parser("layer", help=layer.__doc__)
    command.set_defaults(does=layer)
    command.add_argument("state", type=layers.State, choices=list(making.MAKERS))
    command.add_argument("suite", choices=SUITES + COMING)
    commands.add_parser("keys", help=make_keys.__doc__).set_defaults(does=make_keys)
    args = parser.parse_args(argv)
    try:
        chosen: Callable[[argparse.Namespace], int] = args.does
        return chosen(args)
    except (LabError, ValueError) as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
