//! The place of the sun: the sunrise equation (Meeus, Astronomical Algorithms, in its usual short form), good
//! to a minute or two away from the poles.

/// The sun's day at a place: when it stands highest, and what follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SunDay {
    transit_s: f64,
    declination: f64,
    latitude: f64,
}

const J2000_S: f64 = 946_728_000.0;
const DAY_S: f64 = 86_400.0;
/// The sun's upper edge touches the horizon at this elevation, refraction included.
const HORIZON_DEGREES: f64 = -0.833;

impl SunDay {
    /// The day whose solar noon is nearest to `noon_s`, unix seconds.
    pub(crate) fn near(noon_s: i64, latitude: f64, longitude: f64) -> SunDay {
        let turn = longitude / 360.0;
        let day = ((noon_s as f64 - J2000_S) / DAY_S + turn).round() - turn;
        let anomaly = (357.5291 + 0.985_600_28 * day).to_radians();
        let center = 1.9148 * anomaly.sin() + 0.02 * (2.0 * anomaly).sin() + 0.0003 * (3.0 * anomaly).sin();
        let ecliptic = (anomaly.to_degrees() + center + 180.0 + 102.9372).to_radians();
        let transit = day + 0.0053 * anomaly.sin() - 0.0069 * (2.0 * ecliptic).sin();
        SunDay {
            transit_s: J2000_S + transit * DAY_S,
            declination: (ecliptic.sin() * 23.44_f64.to_radians().sin()).asin(),
            latitude: latitude.to_radians(),
        }
    }

    /// Sunrise and sunset, unix seconds; `None` where the sun stays up or down all day.
    pub(crate) fn rise_and_set_s(&self) -> Option<(i64, i64)> {
        let horizon = HORIZON_DEGREES.to_radians().sin();
        let angle =
            (horizon - self.latitude.sin() * self.declination.sin()) / (self.latitude.cos() * self.declination.cos());
        if !(-1.0..=1.0).contains(&angle) {
            return None;
        }
        let half_s = angle.acos().to_degrees() / 360.0 * DAY_S;
        Some(((self.transit_s - half_s) as i64, (self.transit_s + half_s) as i64))
    }

    /// The sine of the sun's elevation, which is also the cosine of its zenith angle.
    pub(crate) fn elevation_sine(&self, epoch_s: i64) -> f64 {
        let hour_angle = ((epoch_s as f64 - self.transit_s) / DAY_S * 360.0).to_radians();
        self.latitude.sin() * self.declination.sin() + self.latitude.cos() * self.declination.cos() * hour_angle.cos()
    }
}

/// Sunlight on level ground under a clear sky, W/m2 (Haurwitz 1945), for a sine of the sun's elevation.
pub(crate) fn clear_sky(elevation_sine: f64) -> f64 {
    if elevation_sine <= 0.0 {
        return 0.0;
    }
    1098.0 * elevation_sine * (-0.057 / elevation_sine).exp()
}

#[cfg(test)]
mod tests;
