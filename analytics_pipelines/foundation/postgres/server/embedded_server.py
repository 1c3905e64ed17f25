"""The server of one home, for the one process that supervises it."""

from contextlib import ExitStack, suppress
from pathlib import Path
from subprocess import Popen

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import disk_errors, locked, make_folders, write_whole
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.postgres.migrate import migrate
from analytics_pipelines.foundation.postgres.server.account import Account, entry_errors, server_account
from analytics_pipelines.foundation.postgres.server.binaries import Binaries, binaries_for
from analytics_pipelines.foundation.postgres.server.cluster import (
    START_ROOM_BYTES,
    make_cluster,
    must_have_room,
    opened,
    through,
)
from analytics_pipelines.foundation.postgres.server.credentials import Credentials, read_credentials
from analytics_pipelines.foundation.postgres.server.process import identity, spawn, stop, stop_survivors
from analytics_pipelines.foundation.postgres.server.readiness import log_of, wait_until_it_lets_in
from analytics_pipelines.foundation.postgres.server.roles import set_up
from analytics_pipelines.foundation.postgres.server.runtime_folder import RuntimeFolder, runtime_folder
from analytics_pipelines.foundation.postgres.urls import (
    DatabaseUrls,
    as_json,
    connection_file,
    conninfo,
    published_urls,
    supervisor_lock,
)
from analytics_pipelines.foundation.settings import Settings

LOCK_WAIT_S = 2.0
SHUTDOWN_PATIENCE_S = 60.0
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "jit": "off",
}


class EmbeddedServer:
    """PostgreSQL below `ANALYTICS_HOME`, reached by a socket in a private folder only.

    `start()` may be called again after the server died, or after such a start failed; the URLs stay the same
    until `stop()`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home.postgres
        self._data = self._folder / "data"
        self._held = ExitStack()
        self._is_supervisor = False
        self._process: Popen[bytes] | None = None
        self._runtime: RuntimeFolder | None = None

    def start(self, *, wait_s: float = LOCK_WAIT_S) -> DatabaseUrls:
        """Start it, migrate it, and tell others; returns once connections work.

        Raises `Conflict` when another process supervises it past `wait_s`, `DiskFull`, `SetupError` with
        PostgreSQL's last words when it gives up, `TimedOut` past `EMBEDDED_POSTGRES_START_TIMEOUT_S`.
        """
        is_first = not self._is_supervisor
        try:
            with disk_errors(), entry_errors():
                self._become_supervisor(wait_s)
                urls = self._started()
                write_whole(
                    connection_file(self._settings.home), as_json(urls), staging=self._folder / "staging", mode=0o600
                )
        except BaseException:
            self.stop() if is_first else self._end_process()
            raise
        return published_urls(self._settings) or urls

    def poll(self) -> bool:
        """Whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    def stop(self, *, others_patience_s: float = 0.0) -> None:
        """Shut down fast, after waiting that long for other processes that use it; harmless when it is down."""
        if not self._is_supervisor:
            return
        told = connection_file(self._settings.home)
        with suppress(Conflict), locked(users_file(self._settings.home), wait_s=others_patience_s):
            told.unlink(missing_ok=True)
        told.unlink(missing_ok=True)
        self._end_process()
        if self._runtime is not None:
            self._runtime.remove()
            self._runtime = None
        self._is_supervisor = False
        self._held.close()

    def _end_process(self) -> None:
        if self._process is not None:
            stop(self._process, patience_s=SHUTDOWN_PATIENCE_S)
            self._process = None

    def _become_supervisor(self, wait_s: float) -> None:
        if self._is_supervisor:
            return
        make_folders(self._folder.parent)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._folder.chmod(0o700)
        try:
            self._held.enter_context(locked(supervisor_lock(self._settings.home), wait_s=wait_s))
        except Conflict:
            raise Conflict(
                "Another process runs the embedded database of this home.",
                remedy="Use it as it is, or stop that process first.",
            ) from None
        self._is_supervisor = True
        connection_file(self._settings.home).unlink(missing_ok=True)

    def _started(self) -> DatabaseUrls:
        if self._data.is_dir():
            stop_survivors(self._data, patience_s=SHUTDOWN_PATIENCE_S)
            (self._data / "postmaster.pid").unlink(missing_ok=True)
        account = server_account(self._data)
        self._runtime = self._runtime or runtime_folder(self._folder, account)
        self._runtime.empty_sockets(account)
        binaries = binaries_for(account, self._runtime.path)
        credentials = self._credentials(binaries, account)
        must_have_room(self._data, START_ROOM_BYTES)
        self._run(binaries, account, self._runtime.sockets, credentials)
        urls = credentials.urls(self._runtime.sockets)
        migrate(urls.owner, urls.app)
        return urls

    def _credentials(self, binaries: Binaries, account: Account) -> Credentials:
        if self._data.is_dir():
            return read_credentials(self._folder)
        return make_cluster(self._data, binaries, account)

    def _run(self, binaries: Binaries, account: Account, sockets: Path, credentials: Credentials) -> None:
        """Start the process, and wait until it lets us in and knows its roles."""
        own = {"unix_socket_directories": quoted(str(sockets)), "cluster_name": identity(self._data)}
        options = SERVER_SETTINGS | own
        arguments = [part for key, value in options.items() for part in ("-c", key + "=" + value)]
        superuser = conninfo(credentials.superuser_url(sockets))
        with log_of(self._settings.home) as log, opened(self._data) as data:
            command = [str(binaries.postgres), "-D", through(data), *arguments]
            self._process = spawn(command, account=account, data=data, log=log.descriptor)
            wait_until_it_lets_in(superuser, self._process, log, self._settings.embedded_postgres_start_timeout_s)
        set_up(superuser, credentials)


def users_file(home: Home) -> Path:
    """Locked, shared, by each process that uses a server which another one supervises."""
    return home.postgres / "users.lock"


def quoted(folder: str) -> str:
    """One element of PostgreSQL's comma-separated lists."""
    return '"' + folder.replace('"', '""') + '"'
