"""weatherflow4py's socket, unmodified but for its address, against a running gate.

Usage: weatherflow_socket.py HOST:PORT TOKEN DEVICE_ID ADMIN_HOST:PORT ADMIN_TOKEN. Listens, receives an observation that
this script sends over REST, then meets the cap on sockets and backs off; its handshakes are counted.
"""

import asyncio
import json
import logging
import sys
import urllib.request

from weatherflow4py.models.ws.types import EventType
from weatherflow4py.models.ws.websocket_request import ListenStartMessage
from weatherflow4py.ws import WeatherFlowWebsocketAPI
import websockets

handshakes = 0


def counted(connect):
    def count(*args, **kwargs):
        global handshakes
        handshakes += 1
        return connect(*args, **kwargs)

    return count


def relay(address, token, serial, temperature):
    record = [1795348800, 0.2, 1.1, 2.4, 250, 3, 1013.2, temperature, 61, 9000, 0.4, 75, 0, 0, 0, 0, 2.62, 1]
    body = {"serial_number": serial, "type": "obs_st", "hub_sn": "HB-00000001", "obs": [record], "firmware_revision": 172}
    request = urllib.request.Request(
        f"http://{address}/swd/rest/observations",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
    )
    urllib.request.urlopen(request, timeout=10).read()


def set_cap(admin, admin_token, quota):
    request = urllib.request.Request(
        f"http://{admin}/limits/websockets-per-user/overrides",
        data=json.dumps({"user": "ann", "quota": quota}).encode(),
        headers={"Authorization": f"Bearer {admin_token}", "Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=10).read()


async def main(address, token, device_id, admin, admin_token):
    logging.disable(logging.CRITICAL)
    websockets.connect = counted(websockets.connect)
    url = f"ws://{address}/swd/data?token={token}"

    api = WeatherFlowWebsocketAPI(token, [device_id])
    api.uri = url
    seen = asyncio.Queue()
    api.register_observation_callback(lambda observation: seen.put_nowait(observation))
    await api.connect()
    ack = await api.send_message_and_wait(ListenStartMessage(device_id=device_id))
    assert ack is not None, "no ack"
    await asyncio.to_thread(relay, address, token, "ST-00000001", 21.5)
    observation = await asyncio.wait_for(seen.get(), timeout=10)
    assert "air_temperature=21.5" in repr(observation.obs), observation

    # Others of the same user are open, the cap is lowered to what they use, and this socket is lost.
    others = [await websockets.connect(url) for _ in range(3)]
    await asyncio.to_thread(set_cap, admin, admin_token, len(others))
    before = handshakes
    await api.websocket.close()
    await asyncio.sleep(4)
    tried = handshakes - before
    assert 1 <= tried <= 4, f"{tried} handshakes in four seconds"
    assert not api.is_connected()
    for other in others:
        await other.close()
    deadline = asyncio.get_running_loop().time() + 30
    while not api.is_connected():
        assert asyncio.get_running_loop().time() < deadline, "it never came back"
        await asyncio.sleep(0.1)
    await api.close()
    print(f"weatherflow4py: listened, received, met the cap with {tried} handshakes in 4 s, and came back")


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]))
