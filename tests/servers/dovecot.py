"""Dovecot's IMAP server with mailboxes that are made when somebody logs in."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from tests.servers.packaged import PackagedServer
from tests.servers.place import Place
from tests.servers.ports import free_port
from tests.servers.process import Process

PASSWORD: Final = "p@ss/word"

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_login_user = {login_user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot(PackagedServer):
    """dovecot, where every user has the password `PASSWORD` and a mailbox of their own; no TLS."""

    name = "dovecot"
    daemon = "dovecot"
    package = "dovecot-imapd"
    what_to_install = "Dovecot's IMAP server (Debian: apt-get install dovecot-imapd)"

    def mailbox(self, user: str) -> str:
        """The URL of a user's mailbox, in the words of Parvis' settings."""
        return f"imap://{user}:{quote(PASSWORD, safe='')}@{urlsplit(self.url).netloc}/INBOX"

    def deliver(self, user: str, *contents: bytes) -> None:
        """Put mails into a user's mailbox, as another server would."""
        with self.open(user) as mailbox:
            for content in contents:
                done, _ = mailbox.append("INBOX", None, None, content)
                assert done == "OK"

    def open(self, user: str) -> imaplib.IMAP4:
        """A connection to a user's mailbox, which is selected."""
        at = urlsplit(self.url)
        assert at.hostname is not None
        mailbox = imaplib.IMAP4(at.hostname, at.port or 143, timeout=20)
        mailbox.login(user, PASSWORD)
        mailbox.select("INBOX")
        return mailbox

    def _configure(self, place: Place, folder: Path) -> dict[str, str]:
        port, root = free_port(), os.geteuid() == 0
        user = "dovecot" if root else pwd.getpwuid(os.geteuid()).pw_name
        group = "dovecot" if root else grp.getgrgid(os.getegid()).gr_name
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        (folder / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                password=PASSWORD,
                user=user,
                group=group,
                login_user="dovenull" if root else user,
            )
        )
        if root:
            shutil.chown(folder / "mail", user, group)
        folder.chmod(0o755)  # started by root it becomes users of its own
        return {"url": f"imap://127.0.0.1:{port}"}

    def _launch(self) -> list[Process]:
        assert self._place is not None
        assert self._folder is not None
        command = self._place.command("dovecot", "-F", "-c", str(self._folder / "dovecot.conf"))
        return [self._spawn("dovecot", command)]

    def _answers(self) -> bool:
        at = urlsplit(self.url)
        try:
            with socket.create_connection((at.hostname, at.port or 143), timeout=5) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False
