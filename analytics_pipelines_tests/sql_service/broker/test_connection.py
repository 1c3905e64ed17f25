"""The broker's end of a connection."""

import asyncio
import socket

import pytest

from analytics_pipelines.sql_service.broker.connection import HangUps, closed, sent


def test_a_hang_up_is_told_once_and_not_of_what_is_forgotten():
    async def watched():
        hang_ups = HangUps(asyncio.get_running_loop())
        pairs = [socket.socketpair() for _ in range(3)]
        gone = []
        for number, (ours, _) in enumerate(pairs):
            hang_ups.watch(ours, lambda number=number: gone.append(number))
        hang_ups.forget(pairs[1][0])
        pairs[2][1].sendall(b"still here")
        for _, theirs in pairs[:2]:
            theirs.close()
        await asyncio.sleep(0.1)
        hang_ups.close()
        for pair in pairs:
            for end in pair:
                end.close()
        return gone

    assert asyncio.run(watched()) == [0]


def test_what_is_sent_to_nobody_does_no_harm():
    async def told():
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.close()
        await sent(ours, b"x" * 2**20)
        return ours.fileno()

    assert asyncio.run(told()) == -1


def test_who_kept_a_closed_connection_can_neither_write_to_it_nor_hold_it_open():
    ours, theirs = socket.socketpair()
    with theirs, ours.dup() as kept:
        kept.sendall(b"all")
        closed(ours)
        assert theirs.recv(10) == b"all"
        assert theirs.recv(10) == b""
        with pytest.raises(BrokenPipeError):
            kept.sendall(b"more")
