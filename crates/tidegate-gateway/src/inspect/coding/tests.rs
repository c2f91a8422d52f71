use http::HeaderValue;

use super::*;

fn coding(values: &[&str]) -> Result<Coding, String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
    }
    Coding::of(&headers)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut coded, &Default::default()).unwrap();
    coded
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).unwrap()
}

const TEXT: &[u8] = b"a tide of samples, a tide of samples, a tide of samples";

fn decoded(coding: Coding, coded: &[u8]) -> io::Result<Vec<u8>> {
    let mut decoder = Decoder::new(coding, Vec::new())?;
    for byte in coded {
        decoder.push(&[*byte])?;
    }
    decoder.end()?;
    Ok(std::mem::take(decoder.sink()))
}

#[test]
fn one_known_coding_is_read_and_nothing_else() {
    assert_eq!(coding(&[]), Ok(Coding::Identity));
    for (name, known) in [
        ("identity", Coding::Identity),
        ("GZIP", Coding::Gzip),
        ("x-gzip", Coding::Gzip),
        ("br", Coding::Brotli),
        (" zstd", Coding::Zstd),
    ] {
        assert_eq!(coding(&[name]), Ok(known), "{name}");
    }
    for unknown in [&["deflate"][..], &["gzip, gzip"], &["gzip", "gzip"], &["compress"]] {
        assert!(coding(unknown).is_err(), "{unknown:?}");
    }
}

#[test]
fn what_was_coded_comes_out_byte_by_byte() {
    for (coding, coded) in [
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Gzip, [gzip(&TEXT[..9]), gzip(&TEXT[9..])].concat()),
        (Coding::Brotli, brotli(TEXT)),
        (Coding::Zstd, zstd(TEXT)),
        (Coding::Zstd, [zstd(&TEXT[..9]), zstd(&TEXT[9..])].concat()),
        (Coding::Identity, TEXT.to_vec()),
    ] {
        assert_eq!(decoded(coding, &coded).unwrap(), TEXT, "{coding:?}");
    }
}

#[test]
fn what_is_broken_cut_or_followed_by_more_is_an_error() {
    for (coding, coded) in [
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Brotli, brotli(TEXT)),
        (Coding::Zstd, zstd(TEXT)),
    ] {
        assert!(decoded(coding, TEXT).is_err(), "{coding:?} of plain text");
        assert!(
            decoded(coding, &coded[..coded.len() - 1]).is_err(),
            "{coding:?} without its end"
        );
        assert!(
            decoded(coding, &[&coded[..], b"[more]"].concat()).is_err(),
            "{coding:?} with more behind it"
        );
    }
}

// A window of 64 MiB would be memory that a few bytes ask for.
#[test]
fn a_window_beyond_the_bound_is_an_error() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(26).unwrap();
    encoder.write_all(TEXT).unwrap();
    let coded = encoder.finish().unwrap();
    assert!(decoded(Coding::Zstd, &coded).is_err());
}
