//! Places on a page.

/// A transformation: `[a b c d e f]` of ISO 32000, 8.3.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub(super) [f32; 6]);

/// A point, or the way from one to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn translation(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then the other.
    pub(super) fn then(self, other: Self) -> Self {
        let [x, y, origin] = [0, 2, 4].map(|at| (self.0[at], self.0[at + 1]));
        let (x, y, origin) = (
            other.way(x.0, x.1),
            other.way(y.0, y.1),
            other.point(origin.0, origin.1),
        );
        Self([x.x, x.y, y.x, y.y, origin.x, origin.y])
    }

    /// Where a point comes to lie.
    pub(super) fn point(self, x: f32, y: f32) -> Point {
        let way = self.way(x, y);
        Point {
            x: way.x + self.0[4],
            y: way.y + self.0[5],
        }
    }

    /// What becomes of a way.
    pub(super) fn way(self, x: f32, y: f32) -> Point {
        Point {
            x: self.0[0] * x + self.0[2] * y,
            y: self.0[1] * x + self.0[3] * y,
        }
    }
}

impl Point {
    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }

    pub(super) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// How far it goes along a way of length 1.
    pub(super) fn along(self, way: Self) -> f32 {
        self.x * way.x + self.y * way.y
    }

    /// How far it goes to the left of a way of length 1.
    pub(super) fn across(self, way: Self) -> f32 {
        self.y * way.x - self.x * way.y
    }

    /// The same way with length 1; to the right when it has none.
    pub(super) fn direction(self) -> Self {
        let length = self.length();
        if length.is_normal() {
            Self {
                x: self.x / length,
                y: self.y / length,
            }
        } else {
            Self { x: 1.0, y: 0.0 }
        }
    }
}
