"""tempestwx, unmodified but for its environment, against a running gate over TLS.

Usage: tempestwx_tls.py STATION_ID DEVICE_ID, with TEMPEST_API_URI, TEMPEST_ACCESS_TOKEN and SSL_CERT_FILE set; exits with 0
when everything read is what was stored.
"""

import json
import os
import sys
import urllib.request

from tempestwx import Tempest
from tempestwx._http import TooManyRequestsError

STORED_AT = 1795348740


def relay(serial, temperature):
    record = [STORED_AT, 0.2, 1.1, 2.4, 250, 3, 1013.2, temperature, 61, 9000, 0.4, 75, 0, 0, 0, 0, 2.62, 1]
    body = {"serial_number": serial, "type": "obs_st", "hub_sn": "HB-00000001", "obs": [record], "firmware_revision": 172}
    request = urllib.request.Request(
        os.environ["TEMPEST_API_URI"].rstrip("/") + "/observations",
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["TEMPEST_ACCESS_TOKEN"]},
    )
    urllib.request.urlopen(request, timeout=10).read()


def main(station_id, device_id):
    relay("ST-00000001", 21.5)
    with Tempest() as client:
        stations = client.stations().stations
        assert [station.station_id for station in stations] == [station_id], stations
        assert client.station(station_id).stations[0].name == "Garden"

        latest = client.obs_station_latest(station_id)
        assert latest.obs[0].air_temperature == 21.5, latest

        device = client.obs_device(device_id, time_start=STORED_AT - 60, time_end=STORED_AT + 60)
        assert device.device_id == device_id, device

        refused = None
        for _ in range(200):
            try:
                client.stations()
            except TooManyRequestsError as error:
                refused = error
                break
        assert refused is not None, "never refused"
        assert refused.response.headers["retry-after"] == "1", refused.response.headers
        assert "too many" in str(refused).lower() or "limit" in str(refused).lower(), refused


main(int(sys.argv[1]), int(sys.argv[2]))
print("tempestwx over TLS: stations, observations and refusal read")
