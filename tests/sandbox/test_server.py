from __future__ import annotations

import socket
import subprocess
import sys
import threading

import httpx
import pytest

from casewright.errors import UsageError
from sandbox.server import running, serve_forever


def test_a_running_sandbox_answers_and_stops(world):
    with running(world.folder) as endpoint:
        assert endpoint.base_url.startswith("http://127.0.0.1:")
        headers = {"Authorization": f"Bearer {endpoint.read_token}"}
        answer = httpx.get(f"{endpoint.base_url}/v1/sellers/sel_00001", headers=headers)
        assert answer.json()["data"]["seller_id"] == "sel_00001"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{endpoint.base_url}/v1/sellers/sel_00001")


def test_it_stops_when_the_block_fails(world):
    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="inside"), running(world.folder) as endpoint:
        raise RuntimeError("inside")
    with pytest.raises(httpx.ConnectError):
        httpx.get(endpoint.base_url)
    assert threading.active_count() <= threads + 1


def test_many_may_ask_at_once(world):
    with running(world.folder, rate_limits=False) as endpoint:
        headers = {"Authorization": f"Bearer {endpoint.read_token}"}
        failures: list[int] = []

        def ask(number: int) -> None:
            with httpx.Client(base_url=endpoint.base_url, headers=headers) as client:
                for n in range(10):
                    seller = f"sel_{1 + number * 10 + n:05d}"
                    body = client.get(f"/v1/sellers/{seller}").json()
                    if body["data"]["seller_id"] != seller:
                        failures.append(n)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_taken_port_and_a_missing_world_are_told(world, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=str(port)), running(world.folder, port=port):
            pass
    with pytest.raises(UsageError, match="not a world folder"), running(tmp_path):
        pass
    with pytest.raises(UsageError, match="not a world folder"):
        serve_forever(tmp_path, port=0)


def test_it_serves_on_loopback_only(world):
    with pytest.raises(UsageError, match=r"0\.0\.0\.0"):
        serve_forever(world.folder, port=0, host="0.0.0.0")


def test_importing_the_server_imports_no_web_framework():
    heavy = "{'fastapi', 'uvicorn', 'numpy'}"
    code = f"import sys, sandbox.server; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
