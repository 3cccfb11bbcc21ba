//! A user's session on a PC under Wine: a screen, a taskbar, and whatever starts at logon.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::process::{Running, eventually, finish, output};
use crate::screen;
use crate::wine::{Windows, ended};

/// Where the taskbar shows the only icon, in pixels.
const ICON: (i32, i32) = (1014, 690);
/// How high a row and a line of a menu are, and the frame above the first, in pixels.
const ROW: i32 = 20;
const LINE: i32 = 9;
const FRAME: i32 = 3;

/// A session that lasts as long as the test; the screen ends last.
#[derive(Debug)]
pub struct Session {
    display: String,
    /// A program that waits for input: without any, Wine ends its services.
    waiting: Child,
    _screen: Running,
}

impl Session {
    /// Starts the screen. Programs of the PC that are started from now on show themselves on it.
    pub fn start(pc: &mut Windows) -> Self {
        let (screen, display) = screen::start();
        pc.show_on(&display);
        let mut waiting = pc.command("cmd");
        waiting
            .args(["/c", "set /p line="])
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let waiting = waiting.spawn().expect("Wine starts");
        Self {
            display,
            waiting,
            _screen: screen,
        }
    }

    /// Starts what the registry's Run keys name, as a logon does.
    pub fn log_on(&self, pc: &Windows) {
        let said = ended(pc.command("wineboot").env("FILEWARD_LANGUAGE", "zh-CN"));
        assert!(said.status.success(), "the logon failed: {said:?}");
    }

    /// Takes a picture of the screen.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let file = crate::program("fileward-agent").with_file_name(name);
        output(self.tool("import").args(["-window", "root"]).arg(&file));
        file
    }

    /// Waits for a balloon above the taskbar: a white box where the desktop was.
    pub fn await_balloon(&self, picture: &str) {
        eventually("a balloon on the screen", || {
            let file = self.screenshot(picture);
            let mut measure = Command::new("convert");
            measure
                .arg(&file)
                .args(["-crop", "150x60+860+612", "-colorspace", "gray"]);
            let light = output(measure.args(["-format", "%[fx:mean]", "info:"]));
            (light.trim().parse::<f64>().ok()? > 0.8).then_some(())
        });
    }

    /// Chooses in the icon's menu: each step counts the texts and the lines that stand above what is clicked. Takes a picture
    /// of the last menu.
    pub fn choose(&self, steps: &[(i32, i32)], picture: &str) {
        self.click(ICON, "3");
        for (number, (rows, lines)) in steps.iter().enumerate() {
            let menus = eventually("the menu", || {
                let menus = self.menus();
                (menus.len() > number).then_some(menus)
            });
            if number + 1 == steps.len() {
                self.screenshot(picture);
            }
            let (x, y) = menus[number];
            // The middle of the row.
            self.click((x + 60, y + FRAME + rows * ROW + lines * LINE + ROW / 2), "1");
        }
    }

    fn click(&self, (x, y): (i32, i32), button: &str) {
        let near = [(x - 2).to_string(), (y - 2).to_string()];
        let at = [x.to_string(), y.to_string()];
        // A menu marks its row only when the mouse moves within it.
        output(self.tool("xdotool").arg("mousemove").args(near));
        output(
            self.tool("xdotool")
                .arg("mousemove")
                .args(at)
                .args(["sleep", "0.3", "click", button]),
        );
    }

    /// The left upper corners of the menus that stand open, in the order they were opened.
    fn menus(&self) -> Vec<(i32, i32)> {
        let said = finish(self.tool("xdotool").args(["search", "--onlyvisible", "--name", ".*"]));
        let windows = String::from_utf8_lossy(&said.stdout).into_owned();
        let corners = windows.lines().filter_map(|window| {
            let said = finish(self.tool("xwininfo").args(["-id", window]));
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            let number = |name: &str| -> Option<i32> {
                let line = text.lines().find_map(|line| line.trim().strip_prefix(name))?;
                line.trim().parse().ok()
            };
            let corner = (number("Absolute upper-left X:")?, number("Absolute upper-left Y:")?);
            (number("Width:")? < 500 && number("Height:")? > 40).then_some(corner)
        });
        corners.collect()
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("DISPLAY", &self.display);
        command
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.waiting.kill();
        let _ = self.waiting.wait();
    }
}
