//! The icon, drawn: a shield that is calm, asks for attention, or is away.

use crate::menu::Mood;

/// Samples per pixel and axis: smooth edges without a drawing library.
const SAMPLES: u32 = 4;

/// A square picture, four bytes a pixel: alpha, red, green, blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Its width and height.
    pub(crate) size: u16,
    /// Its pixels, row by row.
    pub(crate) argb: Vec<u8>,
}

impl Picture {
    /// Draws the icon.
    pub(crate) fn draw(mood: Mood, size: u16) -> Self {
        let argb = (0..size)
            .flat_map(|y| (0..size).flat_map(move |x| pixel(mood, x, y, size)))
            .collect();
        Self { size, argb }
    }
}

fn pixel(mood: Mood, x: u16, y: u16, size: u16) -> [u8; 4] {
    let (mut inside, mut marked) = (0, 0);
    for sample in 0..SAMPLES * SAMPLES {
        let at = |pixel: u16, step: u32| {
            let offset = (f64::from(step) + 0.5) / f64::from(SAMPLES);
            (f64::from(pixel) + offset) / f64::from(size) * 2.0 - 1.0
        };
        let (x, y) = (at(x, sample % SAMPLES), at(y, sample / SAMPLES));
        if in_shield(x, y) {
            inside += 1;
            marked += u32::from(in_mark(mood, x, y));
        }
    }
    let all = SAMPLES * SAMPLES;
    let colour = match mood {
        Mood::Calm => [0x1f, 0x7a, 0x5c],
        Mood::Attention => [0xd9, 0x7a, 0x06],
        Mood::Away => [0x8a, 0x8f, 0x98],
    };
    let share = |part: u32, of: u32| if of == 0 { 0.0 } else { f64::from(part) / f64::from(of) };
    let white = share(marked, inside);
    let [red, green, blue] = colour.map(|channel| rounded(f64::from(channel) * (1.0 - white) + 255.0 * white));
    [rounded(255.0 * share(inside, all)), red, green, blue]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte just before"
)]
fn rounded(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// A shield in the square from -1 to 1: straight above, round below, its top a shallow roof.
fn in_shield(x: f64, y: f64) -> bool {
    let half_width = if y < 0.05 {
        0.8
    } else {
        0.8 * (1.0 - ((y - 0.05) / 0.9).powi(2)).max(0.0).sqrt()
    };
    x.abs() <= half_width && y >= -0.92 + 0.16 * x.abs() && y <= 0.95
}

/// A tick when calm, an exclamation mark for attention, a bar when away.
fn in_mark(mood: Mood, x: f64, y: f64) -> bool {
    match mood {
        Mood::Calm => near_line(x, y, (-0.38, 0.0), (-0.1, 0.28)) || near_line(x, y, (-0.1, 0.28), (0.4, -0.34)),
        Mood::Attention => near_line(x, y, (0.0, -0.5), (0.0, 0.08)) || x.hypot(y - 0.45) <= 0.16,
        Mood::Away => near_line(x, y, (-0.34, -0.05), (0.34, -0.05)),
    }
}

fn near_line(x: f64, y: f64, from: (f64, f64), to: (f64, f64)) -> bool {
    let (width, height) = (to.0 - from.0, to.1 - from.1);
    let along = ((x - from.0) * width + (y - from.1) * height) / (width * width + height * height);
    let along = along.clamp(0.0, 1.0);
    (x - from.0 - along * width).hypot(y - from.1 - along * height) <= 0.13
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moods_look_different_and_the_corners_are_clear() {
        let [calm, attention, away] = [Mood::Calm, Mood::Attention, Mood::Away].map(|mood| Picture::draw(mood, 22));
        assert_eq!(calm.argb.len(), 22 * 22 * 4);
        assert!(calm != attention && attention != away && calm != away);
        assert_eq!(calm.argb[0], 0, "the corner is transparent");
        let middle = (11 * 22 + 3) * 4;
        assert_eq!(calm.argb[middle], 255, "the shield is not");
    }

    /// The pixels with alpha last.
    fn rgba(picture: &Picture) -> Vec<u8> {
        let mut rgba = picture.argb.clone();
        rgba.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_left(1));
        rgba
    }

    #[test]
    fn the_programs_icon_on_windows_is_this_drawing() {
        const ICON: &[u8] = include_bytes!("../../../../installer/windows/resource/fileward.ico");
        let pictures = [16_u16, 20, 24, 32, 48, 64, 256].map(|size| Picture::draw(Mood::Calm, size));
        let is_drawn = ico::IconDir::read(std::io::Cursor::new(ICON)).is_ok_and(|icon| {
            icon.entries()
                .iter()
                .map(|entry| entry.decode().unwrap().into_rgba_data())
                .eq(pictures.iter().map(rgba))
        });
        if !is_drawn {
            let mut icon = ico::IconDir::new(ico::ResourceType::Icon);
            for picture in &pictures {
                let size = u32::from(picture.size);
                let image = ico::IconImage::from_rgba_data(size, size, rgba(picture));
                icon.add_entry(ico::IconDirEntry::encode(&image).unwrap());
            }
            let drawn = std::env::temp_dir().join("fileward.ico");
            icon.write(std::fs::File::create(&drawn).unwrap()).unwrap();
            panic!(
                "the drawing has changed; replace installer/windows/resource/fileward.ico by {}",
                drawn.display()
            );
        }
    }
}
