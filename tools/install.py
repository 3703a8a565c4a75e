"""Run ``pip install`` with these arguments and show how far it is, in one line.

On a terminal the line is rewritten; elsewhere there is one line for every ten packages. What
pip said is printed in full if it fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

STEPS = {"Collecting": "resolving", "Downloading": "downloading", "Building": "building"}


def main(arguments: list[str]) -> int:
    """The exit status of pip."""
    is_terminal = sys.stderr.isatty()
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    begun, said, packages = time.monotonic(), [], 0
    with subprocess.Popen(
        [*command, "--progress-bar", "off", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            word, _, rest = line.strip().partition(" ")
            packages += word == "Collecting"
            if line.startswith("Installing collected"):
                show("  installing the packages …", is_terminal)
            elif word in STEPS and (is_terminal or (word == "Collecting" and packages % 10 == 1)):
                name = rest.split(" ")[0].split("/")[-1]
                show(f"  {packages} packages, {STEPS[word]} {name}", is_terminal)
    if pip.returncode:
        show("", is_terminal)
        sys.stderr.writelines(said)
    else:
        show(f"  installed in {time.monotonic() - begun:.0f} s\n", is_terminal)
    return pip.returncode


def show(text: str, is_terminal: bool) -> None:
    """A line that takes the place of the last one on a terminal."""
    if is_terminal:
        width = shutil.get_terminal_size().columns - 1
        end = "\n" if text.endswith("\n") else ""
        print(f"\r\033[K{text.rstrip()[:width]}", end=end, file=sys.stderr, flush=True)
    elif text:
        print(text.rstrip(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
