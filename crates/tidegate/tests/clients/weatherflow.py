"""weatherflow4py, unmodified but for its base address, against a running gate.

Usage: weatherflow.py BASE_URL TOKEN STATION_ID DEVICE_ID; exits with 0 when everything read is what was stored.
"""

import asyncio
import sys

from aiohttp import ClientResponseError
from weatherflow4py.api import WeatherFlowRestAPI


async def main(base_url, token, station_id, device_id):
    WeatherFlowRestAPI.BASE_URL = base_url
    async with WeatherFlowRestAPI(token) as api:
        stations = (await api.async_get_stations()).stations
        assert [station.station_id for station in stations] == [station_id], stations
        assert (await api.async_get_station(station_id))[0].name == "Garden"

        observation = await api.async_get_observation(station_id)
        assert observation.obs[0].air_temperature == 21.5, observation

        device = await api.async_get_device_observations(device_id)
        assert device.device_id == device_id, device

        forecast = await api.async_get_forecast(station_id)
        assert forecast.current_conditions.air_temperature == 21.5, forecast
        assert forecast.forecast.daily and forecast.forecast.hourly, forecast

        refused = None
        for _ in range(200):
            try:
                await api.async_get_stations()
            except ClientResponseError as error:
                refused = error
                break
        assert refused is not None, "never refused"
        assert refused.status == 429, refused
        assert refused.headers["Retry-After"] == "1", refused.headers
        await api.session.close()


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
print("weatherflow4py: stations, observations, forecast and refusal read")
