//! Values that follow from measured ones, by published formulas. Units: degrees Celsius, percent,
//! millibars, metres, metres per second, watts per square metre.

/// Below this air temperature no heat index is defined (80 degrees Fahrenheit).
const HEAT_INDEX_MIN_C: f64 = 80.0 * 5.0 / 9.0 - 160.0 / 9.0;

/// Saturation vapour pressure over water, mb. Bolton 1980, "The computation of equivalent potential
/// temperature", equation 10.
pub(crate) fn saturation_vapour_pressure_mb(temperature_c: f64) -> f64 {
    6.112 * (17.67 * temperature_c / (temperature_c + 243.5)).exp()
}

/// Vapour pressure, mb.
pub(crate) fn vapour_pressure_mb(temperature_c: f64, humidity_percent: f64) -> f64 {
    humidity_percent / 100.0 * saturation_vapour_pressure_mb(temperature_c)
}

/// Dew point, degrees Celsius: Bolton's equation solved for temperature. Air without any moisture has
/// none, so humidity is read as at least a tenth of a percent.
pub(crate) fn dew_point_c(temperature_c: f64, humidity_percent: f64) -> f64 {
    let ratio = (vapour_pressure_mb(temperature_c, humidity_percent.max(0.1)) / 6.112).ln();
    243.5 * ratio / (17.67 - ratio)
}

/// Wet bulb temperature, degrees Celsius: the psychrometric equation (WMO No. 8, annex 4.B; coefficient
/// 0.00066 (1 + 0.00115 Tw) of Smithsonian tables) solved by halving, which needs no starting value.
pub(crate) fn wet_bulb_c(temperature_c: f64, humidity_percent: f64, pressure_mb: f64) -> f64 {
    let vapour = vapour_pressure_mb(temperature_c, humidity_percent);
    let (mut low, mut high) = (temperature_c - 60.0, temperature_c);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        let psychrometer = 0.00066 * (1.0 + 0.00115 * middle);
        let reached = saturation_vapour_pressure_mb(middle) - pressure_mb * (temperature_c - middle) * psychrometer;
        if reached > vapour {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low + high) / 2.0
}

/// Wet bulb globe temperature outdoors, degrees Celsius: 0.7 Tw + 0.2 Tg + 0.1 Ta (ISO 7243). There is no
/// globe thermometer; Tg is estimated as Ta + 0.0175 S - 0.208 U (Tonouchi et al. 2006), never below Ta.
pub(crate) fn wet_bulb_globe_c(temperature_c: f64, wet_bulb_c: f64, solar: f64, wind_mps: f64) -> f64 {
    let globe_c = temperature_c + (0.0175 * solar - 0.208 * wind_mps).max(0.0);
    0.7 * wet_bulb_c + 0.2 * globe_c + 0.1 * temperature_c
}

/// Heat index, degrees Celsius: Rothfusz 1990 (NWS SR 90-23) with the NWS adjustment for high humidity.
/// Below 80 degrees Fahrenheit or 40 percent it is the air temperature, as the platform has it.
pub(crate) fn heat_index_c(temperature_c: f64, humidity_percent: f64) -> f64 {
    if temperature_c < HEAT_INDEX_MIN_C || humidity_percent < 40.0 {
        return temperature_c;
    }
    let (t, r) = (temperature_c * 9.0 / 5.0 + 32.0, humidity_percent);
    let mut index =
        -42.379 + 2.04901523 * t + 10.14333127 * r - 0.22475541 * t * r - 6.83783e-3 * t * t - 5.481717e-2 * r * r
            + 1.22874e-3 * t * t * r
            + 8.5282e-4 * t * r * r
            - 1.99e-6 * t * t * r * r;
    if r > 85.0 && t <= 87.0 {
        index += (r - 85.0) / 10.0 * (87.0 - t) / 5.0;
    }
    (index - 32.0) * 5.0 / 9.0
}

/// Wind chill, degrees Celsius: the 2001 formula of NWS and Environment Canada. Above 10 degrees Celsius
/// (50 Fahrenheit) or at 3 miles per hour and less it is the air temperature.
pub(crate) fn wind_chill_c(temperature_c: f64, wind_mps: f64) -> f64 {
    let wind_kph = wind_mps * 3.6;
    if temperature_c > 10.0 || wind_kph <= 3.0 * 1.609344 {
        return temperature_c;
    }
    let factor = wind_kph.powf(0.16);
    13.12 + 0.6215 * temperature_c - 11.37 * factor + 0.3965 * temperature_c * factor
}

/// Returns the apparent temperature, degrees Celsius: the heat index where it is hot, the wind chill where it is cold.
pub(crate) fn feels_like_c(temperature_c: f64, humidity_percent: f64, wind_mps: f64) -> f64 {
    if temperature_c >= HEAT_INDEX_MIN_C {
        heat_index_c(temperature_c, humidity_percent)
    } else {
        wind_chill_c(temperature_c, wind_mps)
    }
}

/// Air density, kg/m3: the gas law for dry air (R = 287.058 J/(kg K)), as the platform publishes it.
pub(crate) fn air_density_kg_m3(temperature_c: f64, pressure_mb: f64) -> f64 {
    pressure_mb * 100.0 / (287.058 * (temperature_c + 273.15))
}

/// Pressure reduced to sea level, mb: the US Standard Atmosphere 1976 hypsometric form the platform
/// publishes (1013.25 mb, 288.15 K, 0.0065 K/m).
pub(crate) fn sea_level_pressure_mb(pressure_mb: f64, elevation_m: f64) -> f64 {
    const SEA_LEVEL_MB: f64 = 1013.25;
    const LAPSE_K_M: f64 = 0.0065;
    const EXPONENT: f64 = 287.05 * LAPSE_K_M / 9.80665;
    let ratio = (SEA_LEVEL_MB / pressure_mb).powf(EXPONENT);
    pressure_mb * (1.0 + ratio * LAPSE_K_M * elevation_m / 288.15).powf(1.0 / EXPONENT)
}

#[cfg(test)]
mod tests;
