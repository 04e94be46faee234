"""What a result file says about the machine and the moment of its making."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path


def cpu():
    """The processor's name where the system tells it, otherwise its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.machine()


def load():
    """Processes that wanted to run, mean over the last minute; None where the system doesn't tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def revision(root):
    """The commit of the work tree, with `+` if files differ from it; empty outside of a repository."""
    try:
        run = lambda *words: subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
        ).stdout.strip()
        return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain", "-uno", "crates") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def version(package):
    """The installed version of a Python package; empty if there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def notes(root, packages):
    """Machine, moment and versions, before the first round."""
    return {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": load(),
        "versions": {
            "descender": revision(root),
            "python": platform.python_version(),
            **{package: version(package) for package in packages},
        },
    }
