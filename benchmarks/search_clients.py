"""Many callers at once, over HTTP. The callers are threads of a process of their own, on the same cores.

python -m benchmarks.search_clients < job.json      (started by `call`)
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from benchmarks.timing import Times
from venuefinder.api.app import create_app
from venuefinder.api.serving import address_of, bind, configuration
from venuefinder.bootstrap import Services

CHECKOUT = Path(__file__).parent.parent
CLIENTS = 16
SECONDS = 60


def measure(services: Services, bodies: Sequence[Mapping[str, Any]], *, clients: int = CLIENTS) -> dict[str, Any]:
    """Serve, let `clients` send the bodies one after the other, and return what they saw."""
    with served(services) as address:
        return call(address, bodies, clients=clients)


def call(address: str, bodies: Sequence[Mapping[str, Any]], *, clients: int = CLIENTS) -> dict[str, Any]:
    """Let `clients` of another process send the bodies to a service, one after the other; return what they saw."""
    job = json.dumps({"address": address, "bodies": list(bodies), "clients": clients})
    command = [sys.executable, "-m", "benchmarks.search_clients"]
    run = subprocess.run(command, input=job, check=True, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    result: dict[str, Any] = json.loads(run.stdout)
    return result


@contextmanager
def served(services: Services) -> Iterator[str]:
    """Serve on a free port of loopback, and yield the address."""
    with bind("127.0.0.1", 0, has_key=False) as listening:
        server = uvicorn.Server(configuration(create_app(services), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join()


def main() -> None:
    job = json.load(sys.stdin)
    clients, bodies = job["clients"], [json.dumps(body) for body in job["bodies"]]
    shares = [bodies[number::clients] for number in range(clients)]
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        seen = [one for found in pool.map(lambda share: client(job["address"], share), shares) for one in found]
    seconds = time.perf_counter() - started
    times = Times.of([milliseconds for milliseconds, _ in seen])
    errors = sum(status != 200 for _, status in seen)
    result = {"clients": clients, "requests": len(seen), "errors": errors, "p50": times.p50, "p95": times.p95}
    sys.stdout.write(json.dumps(result | {"qps": round(len(seen) / seconds, 1)}))


def client(address: str, bodies: Sequence[str]) -> list[tuple[float, int]]:
    """Send the bodies on one kept connection; return each answer's milliseconds and status, 0 for none."""
    seen = []
    connection = http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=SECONDS)
    for body in bodies:
        started = time.perf_counter()
        try:
            connection.request("POST", "/v1/search", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            status = response.status
        except OSError:
            connection.close()
            status = 0
        seen.append((1000 * (time.perf_counter() - started), status))
    connection.close()
    return seen


if __name__ == "__main__":
    main()
