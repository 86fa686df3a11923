"""Addresses that must not be reached, in all their disguises: not one connection is opened."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sources import Failure, Problem
from retrieval.web.address import is_public, parse
from retrieval.web.dialer import GuardedBackend, Refused
from retrieval.web.fetch import Bounds, Fetcher
from tests.standins.news import Reply, Site

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",  # noqa: S104
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::",
    "2001:0:808:808::80ff:fffe", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808")
# As a URL may write this machine, or the cloud's metadata service; {port} is one that listens here.
TRICKS = (
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://localhost.:{port}/",
    "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/", "http://017700000001:{port}/", "http://0x7f.0x0.0x0.0x1:{port}/", "http://127.0.0.1.:{port}/",
    "http://0:{port}/", "http://0.0.0.0:{port}/", "http://[::1]:{port}/", "http://[::]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[::127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/", "http://[fe80::1%25lo]:{port}/",
    "http://user@127.0.0.1:{port}/", "http://news.example@127.0.0.1:{port}/", "http://127.0.0.1:{port}@news.example/",
    "http://news.example:80@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@news.example/", "http://news.example\\@127.0.0.1:{port}/",
    "http://１２７.０.０.１:{port}/", "http://127。0。0。1:{port}/", "http://127．0．0．1:{port}/", "http://①②⑦.⓪.⓪.①:{port}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/", "http://loc\u00adalhost:{port}/", "http://127.0.0.1%00.news.example:{port}/", "http://127.0.0.1\t:{port}/",
    "http:/127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "//127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/", "http://2852039166/", "http://127.000.000.001:{port}/", "http://127.0.0.1:{port}#@news.example/",
    "http://127.0.0.1:{port}?@news.example/", "http://%31%32%37.0.0.1:{port}/", "http://127.0.0.1:+{port}/", "http://\n127.0.0.1:{port}/",
)  # fmt: skip
QUICK = Bounds(seconds=3.0, connect_seconds=2.0, read_seconds=2.0)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_open_internet(address: str) -> None:
    parsed = parse(address)
    assert parsed is not None
    assert not is_public(parsed)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is(address: str) -> None:
    parsed = parse(address)
    assert parsed is not None
    assert is_public(parsed)


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_judged_by_what_it_carries(address: ipaddress.IPv4Address) -> None:
    carried = (
        ipaddress.IPv6Address(f"::ffff:{address}"),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("2002::")) + (int(address) << 80)),
    )
    assert {is_public(one) for one in carried} == {is_public(address)}


class Listener:
    """Counts the connections that come to this machine. What its resolver makes of a spelling is the system's affair."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Listener:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _connected(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


def test_forty_tricks_open_no_connection() -> None:
    async def run() -> None:
        async with Listener() as listener, Fetcher("Test/1", bounds=QUICK) as fetcher:
            for trick in TRICKS:
                with pytest.raises(Failure) as caught:
                    await fetcher.get(trick.format(port=listener.port), "*/*")
                assert caught.value.problem in (Problem.REFUSED, Problem.UNREACHABLE), trick  # or no such name
            assert listener.connections == 0
            _, writer = await asyncio.open_connection("127.0.0.1", listener.port)  # it does listen
            writer.close()
            await asyncio.sleep(0.05)
            assert listener.connections == 1

    assert len(TRICKS) >= 40
    asyncio.run(run())


@pytest.mark.parametrize("trick", ["http://127.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/"])
def test_a_redirect_to_this_machine_opens_no_connection(trick: str) -> None:
    async def run() -> None:
        async with Site() as site, Listener() as listener:
            resolved: list[str] = []

            async def resolve(host: str, port: int) -> Sequence[str]:
                resolved.append(host)
                return await site.resolve(host, port) if host == "news.test" else ["127.0.0.1"]

            async with Fetcher("Test/1", GuardedBackend(["news.test"], resolve), QUICK) as fetcher:
                url = site.on("/feed", Reply(b"", 302, {"Location": trick.format(port=listener.port)}))
                with pytest.raises(Failure) as caught:
                    await fetcher.get(url, "*/*")
            assert caught.value.problem is Problem.REFUSED
            assert resolved[0] == "news.test"
            assert listener.connections == 0

    asyncio.run(run())


def _backend(answers: list[Sequence[str]], allowed: Sequence[str] = ()) -> tuple[GuardedBackend, list[str]]:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(f"{host}:{port}")
        return answers.pop(0)

    return GuardedBackend(allowed, resolve), asked


class Dialled(httpcore.AsyncNetworkBackend):
    """Stands below a GuardedBackend and remembers what was dialled; nobody answers."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    async def connect_tcp(self, host: str, port: int, *_: object) -> httpcore.AsyncNetworkStream:
        self.addresses.append(host)
        raise httpcore.ConnectError("nobody there")


def test_a_name_that_changes_its_answer_is_asked_once_and_that_answer_is_dialled() -> None:
    """DNS rebinding: the first answer is public, the next this machine. The judged answer is the dialled one."""

    async def run() -> None:
        backend, asked = _backend([["8.8.8.8"], ["127.0.0.1"]])
        backend._inner = dialled = Dialled()  # type: ignore[assignment]  # noqa: SLF001 - what lies below
        with pytest.raises(httpcore.ConnectError):
            await backend.connect_tcp("rebind.example", 80, timeout=1.0)
        assert (asked, dialled.addresses) == (["rebind.example:80"], ["8.8.8.8"])
        with pytest.raises(Refused):
            await backend.connect_tcp("rebind.example", 80, timeout=1.0)
        assert dialled.addresses == ["8.8.8.8"]

    asyncio.run(run())


@pytest.mark.parametrize("address", [one for one in PRIVATE if "%" not in one])
def test_what_resolves_to_a_private_address_is_refused_before_it_is_dialled(address: str) -> None:
    async def run() -> None:
        backend, _ = _backend([[address]])
        backend._inner = dialled = Dialled()  # type: ignore[assignment]  # noqa: SLF001
        async with Fetcher("Test/1", backend, QUICK) as fetcher:
            with pytest.raises(Failure) as caught:
                await fetcher.get("http://news.example/feed", "*/*")
        assert caught.value.problem is Problem.REFUSED
        assert dialled.addresses == []

    asyncio.run(run())


@pytest.mark.parametrize("answers", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"], ["not an address"]])
def test_one_private_address_among_public_ones_refuses_the_name(answers: Sequence[str]) -> None:
    async def run() -> None:
        backend, _ = _backend([answers])
        with pytest.raises(Refused):
            await backend.connect_tcp("mixed.example", 80, timeout=1.0)

    asyncio.run(run())


@pytest.mark.parametrize("name", [lambda port: "news.lan", lambda port: f"news.lan:{port}", lambda port: "NEWS.lan"])
def test_a_named_host_of_an_intranet_is_allowed(name: Callable[[int], str]) -> None:
    async def run() -> None:
        async with Listener() as listener:
            backend, _ = _backend([["127.0.0.1"]], [name(listener.port)])
            stream = await backend.connect_tcp("news.lan", listener.port, timeout=1.0)
            await stream.aclose()

    asyncio.run(run())


def test_a_name_without_an_address_is_no_connection() -> None:
    async def run() -> None:
        backend, _ = _backend([[]])
        with pytest.raises(httpcore.ConnectError):
            await backend.connect_tcp("nowhere.example", 80, timeout=1.0)

    asyncio.run(run())


def test_a_name_server_that_does_not_answer_holds_up_no_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        answered.wait(30)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", silent)

    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        asked = [asyncio.create_task(GuardedBackend().connect_tcp(f"n{n}.example", 80, timeout=0.1)) for n in range(3)]
        await asyncio.sleep(0.05)
        try:
            assert await asyncio.wait_for(asyncio.to_thread(lambda: "quick"), 20) == "quick"
            for end in await asyncio.gather(*asked, return_exceptions=True):
                assert isinstance(end, httpcore.ConnectTimeout)
        finally:
            answered.set()

    asyncio.run(run())
