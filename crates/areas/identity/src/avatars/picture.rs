//! Pictures: bytes of strangers in, bytes of our own out.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};

use super::AvatarError;

/// The largest file that is looked at.
pub(super) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The side of what is stored.
const SIDE: u32 = 192;
/// A file of few bytes may claim to be very large.
const MAX_SIDE: u32 = 2_560;
const MAX_ALLOCATED: u64 = 40 * 1024 * 1024;

/// A square PNG of a picture: its middle, without anything else that was in the file.
pub(super) fn redraw(bytes: &[u8]) -> Result<Vec<u8>, AvatarError> {
    if bytes.is_empty() {
        return Err(AvatarError::Missing);
    }
    if bytes.len() > MAX_BYTES {
        return Err(AvatarError::TooLarge {
            bytes: bytes.len(),
            most: MAX_BYTES,
        });
    }
    let Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) =
        image::guess_format(bytes)
    else {
        return Err(AvatarError::UnknownKind);
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATED);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let unreadable = |_| AvatarError::Unreadable { most: MAX_SIDE };
    let picture = reader.decode().map_err(unreadable)?;
    let square = picture.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    let mut png = Cursor::new(Vec::new());
    square
        .to_rgba8()
        .write_to(&mut png, ImageFormat::Png)
        .map_err(unreadable)?;
    Ok(png.into_inner())
}

/// Initials on a ground whose colour is the person's own, as SVG.
pub(super) fn initials(name: &str, seed: u8) -> String {
    let letters: String = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let hue = u32::from(seed) * 360 / 256;
    maud::html! {
        svg xmlns="http://www.w3.org/2000/svg" width="192" height="192" viewBox="0 0 192 192" {
            rect width="192" height="192" fill=(format!("hsl({hue} 45% 35%)")) {}
            text x="96" y="96" dy=".36em" fill="#fff" text-anchor="middle"
                font-family="system-ui, sans-serif" font-size="80" { (letters) }
        }
    }
    .into_string()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, Rgb([200, 30, 60]))
            .write_to(&mut bytes, format)
            .expect("encoded");
        bytes.into_inner()
    }

    #[test]
    fn pictures_become_squares_without_what_came_along() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut bytes = encoded(300, 100, format);
            bytes.extend_from_slice(b"<script>alert(1)</script>");
            let png = redraw(&bytes).expect("a picture");
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
            assert!(!png.windows(7).any(|part| part == b"<script"));
            let drawn = image::load_from_memory(&png).expect("readable").to_rgb8();
            assert_eq!(drawn.dimensions(), (SIDE, SIDE));
            let Rgb([red, green, blue]) = *drawn.get_pixel(SIDE / 2, SIDE / 2);
            assert!(red.abs_diff(200) < 6 && green.abs_diff(30) < 6 && blue.abs_diff(60) < 6);
        }
    }

    #[test]
    fn what_is_no_small_picture_is_refused() {
        let refused = |bytes: &[u8]| redraw(bytes).expect_err("refused");
        assert!(matches!(refused(b""), AvatarError::Missing));
        let large = refused(&vec![0; MAX_BYTES + 1]);
        assert!(matches!(large, AvatarError::TooLarge { bytes, .. } if bytes == MAX_BYTES + 1));
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"<!DOCTYPE html><script>1</script>",
            b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
            b"\x00\x01\x02",
        ] {
            assert!(matches!(refused(bytes), AvatarError::UnknownKind));
        }
        let mut damaged = encoded(40, 40, ImageFormat::Png);
        damaged.truncate(40);
        assert!(matches!(refused(&damaged), AvatarError::Unreadable { .. }));
        // A header that claims 65,535 pixels each way.
        let mut bomb = encoded(8, 8, ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 255, 255, 0, 0, 255, 255]);
        assert!(matches!(refused(&bomb), AvatarError::Unreadable { .. }));
        let wide = encoded(MAX_SIDE + 1, 1, ImageFormat::Png);
        assert!(matches!(refused(&wide), AvatarError::Unreadable { .. }));
    }

    #[test]
    fn initials_are_letters_and_never_markup() {
        assert!(initials("Ann Miller", 0).contains(">AM<"));
        assert!(initials("ann@example.org", 9).contains(">AE<"));
        let odd = initials("<script> \"x", 200);
        assert!(odd.contains(">SX<") && !odd.contains("<script"), "{odd}");
        assert!(initials("", 255).contains("hsl(358 "));
    }
}
