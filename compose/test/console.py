"""The console as a browser and a program see it from this machine."""

import gzip
import http.cookiejar
import json
import ssl
import urllib.error
import urllib.request

from engine import run


class Console:
    def __init__(self, stack, service="master"):
        self.stack = stack
        self.service = service
        secure = "secure" in stack.profiles
        port = stack.ports["CONSOLE_PORT" if service == "master"
                           else "STANDBY_CONSOLE_PORT"]
        self.base = f"http{'s' if secure else ''}://localhost:{port}"
        self.context = ssl.create_default_context(
            cadata=self.file("/certs/ca.pem")) if secure else None
        self.token = self.file("/run/secrets/console_token").strip()
        self.viewer = self.file("/run/secrets/console_viewer_token").strip()

    def file(self, path):
        return run(self.stack.docker, "exec",
                   self.stack.container(self.service), "cat", path)

    def opener(self):
        """A browser's: it keeps cookies."""
        handlers = [urllib.request.HTTPCookieProcessor(
            http.cookiejar.CookieJar())]
        if self.context:
            handlers.append(urllib.request.HTTPSHandler(context=self.context))
        return urllib.request.build_opener(*handlers)

    def ask(self, path, token=None, body=None, method=None, headers=None,
            opener=None):
        """Returns status and body; JSON is read."""
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if body is None else json.dumps(body).encode())
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            answer = (opener or self.opener()).open(request, timeout=20)
        except urllib.error.HTTPError as problem:
            answer = problem
        with answer:
            text = answer.read()
            if answer.headers.get("Content-Encoding") == "gzip":
                text = gzip.decompress(text)
            kind = answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if "json" in kind else text

    def get(self, path):
        """What it says; nothing while it has no answer."""
        try:
            status, body = self.ask(f"/api/v1/{path}", self.token)
        except OSError:
            return {}
        return body if status == 200 else {}

    def workers(self):
        """Its workers by name."""
        return {x["name"]: x for x in self.get("nodes").get("items", [])
                if x["role"] == "worker"}

    def log_in(self, token):
        """As the page does. Returns the browser and its session."""
        browser = self.opener()
        status, session = self.ask("/api/v1/session", body={"token": token},
                                   opener=browser)
        assert status == 200, f"no session: {status} {session}"
        return browser, session

    def doors(self):
        """Who is let in, and who is not."""
        status, page = self.ask("/", headers={"Accept-Encoding": "gzip"})
        assert status == 200 and b"<script" in page, f"no page: {status}"
        status, body = self.ask("/api/v1/overview")
        assert status == 401, f"without a token: {status} {body}"
        status, body = self.ask("/api/v1/session", body={"token": "x" * 32})
        assert status == 401, f"with a wrong token: {status} {body}"
        status, body = self.ask("/api/v1/overview", self.token,
                                headers={"Host": "evil.example.com"})
        assert status == 421, f"under a foreign name: {status} {body}"
        browser, session = self.log_in(self.viewer)
        assert session["role"] == "viewer", session
        status, body = self.ask("/api/v1/nodes/nobody/drain", method="POST",
                                body={}, opener=browser,
                                headers={"X-CSRF-Token": session["csrf"]})
        assert status == 403, f"a viewer may act: {status} {body}"
        browser, session = self.log_in(self.token)
        assert session["role"] == "operator", session
        status, body = self.ask("/api/v1/overview", opener=browser)
        assert status == 200, f"overview: {status} {body}"
        return body
