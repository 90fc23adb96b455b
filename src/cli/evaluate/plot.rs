//! A picture of calibration: what was said against what came, drawn as SVG by hand.

use std::fmt::Write;

use super::forecast::Way;
use super::judge::Trial;
use super::scores::Bin;

/// The drawing's size, and the square of the plot within it, in pixels.
const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 720.0;
const LEFT: f64 = 80.0;
const TOP: f64 = 80.0;
const SIDE: f64 = 560.0;
/// Area of a point is in proportion to its forecasts; the fullest bin has this radius.
const RADIUS_MAX: f64 = 16.0;
const RADIUS_MIN: f64 = 2.5;

const INK: &str = "#222";
const FAINT: &str = "#ddd";

/// Colours that stay apart in print and for the colour-blind (Okabe and Ito 2008).
fn colour(way: Way) -> &'static str {
    match way {
        Way::Full => "#0072b2",
        Way::Naive => "#d55e00",
        Way::Frozen => "#999999",
        Way::Profile | Way::DixonColes | Way::RedCards | Way::ScoreEffect => "#009e73",
    }
}

fn x_of(share: f64) -> f64 {
    LEFT + share * SIDE
}

fn y_of(share: f64) -> f64 {
    TOP + (1.0 - share) * SIDE
}

/// The plot of the full and the naive forecasts in play, as an SVG document.
pub(super) fn calibration(trial: &Trial, subtitle: &str) -> String {
    let series: Vec<(Way, [Bin; 10])> =
        [Way::Naive, Way::Full].into_iter().map(|way| (way, trial.bins(way, 1..7))).collect();
    let fullest = series.iter().flat_map(|(_, bins)| bins).map(|bin| bin.count).max().unwrap_or(1).max(1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"14\" fill=\"{INK}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let mut text = |x: f64, y: f64, attributes: &str, words: &str| {
        let _infallible = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>", escaped(words));
    };
    text(LEFT, 34.0, "font-size=\"19\" font-weight=\"bold\"", "Said and came: home win, draw and away win in play");
    text(LEFT, 56.0, "fill=\"#555\"", subtitle);
    text(x_of(0.5), TOP + SIDE + 48.0, "text-anchor=\"middle\"", "forecast probability");
    let across = format!("text-anchor=\"middle\" transform=\"rotate(-90 24 {:.1})\"", y_of(0.5));
    text(24.0, y_of(0.5), &across, "share that came true");
    svg.push_str(&axes());
    for (way, bins) in &series {
        svg.push_str(&points((*way, trial.name(*way)), bins, fullest));
    }
    svg.push_str(&legend(trial, &series, fullest));
    svg.push_str("</svg>\n");
    svg
}

/// Grid, ticks, and the diagonal on which a perfect forecaster stands.
fn axes() -> String {
    let mut svg = String::new();
    for tick in 0..=10_u32 {
        let share = f64::from(tick) / 10.0;
        let (x, y) = (x_of(share), y_of(share));
        let (bottom, right) = (y_of(0.0), x_of(1.0));
        let _infallible = write!(
            svg,
            "<path d=\"M{x:.1} {TOP:.1}V{bottom:.1}M{LEFT:.1} {y:.1}H{right:.1}\" stroke=\"{FAINT}\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{share:.1}</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>\n",
            bottom + 22.0,
            LEFT - 10.0,
            y + 5.0,
        );
    }
    let _infallible = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"{INK}\"/>\n\
         <path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{INK}\" stroke-dasharray=\"5 4\"/>",
        x_of(0.0),
        y_of(0.0),
        x_of(1.0),
        y_of(1.0)
    );
    svg
}

fn radius(count: usize, fullest: usize) -> f64 {
    (RADIUS_MAX * (count as f64 / fullest as f64).sqrt()).max(RADIUS_MIN)
}

/// A point a bin, with the width of chance: two standard errors of its share either way.
fn points((way, name): (Way, &str), bins: &[Bin], fullest: usize) -> String {
    let mut svg = String::new();
    for bin in bins {
        let Some((said, came)) = bin.point() else { continue };
        let error = 2.0 * (came * (1.0 - came) / bin.count as f64).sqrt();
        let (x, y, colour) = (x_of(said), y_of(came), colour(way));
        let _infallible = writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"{colour}\" fill-opacity=\"0.45\" stroke=\"{colour}\">\
             <title>{}: said {said:.4}, came {came:.4}, {} forecasts</title></circle>",
            y_of((came - error).max(0.0)),
            y_of((came + error).min(1.0)),
            radius(bin.count, fullest),
            escaped(name),
            bin.count
        );
    }
    svg
}

fn legend(trial: &Trial, series: &[(Way, [Bin; 10])], fullest: usize) -> String {
    let (left, mut y) = (x_of(0.0) + 18.0, TOP + 24.0);
    let mut svg = format!(
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"300\" height=\"104\" fill=\"white\" stroke=\"{FAINT}\"/>\n",
        left - 8.0,
        TOP + 6.0
    );
    for (way, bins) in series.iter().rev() {
        let error = super::scores::calibration_error(bins);
        let _infallible = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"7\" fill=\"{1}\" fill-opacity=\"0.45\" stroke=\"{1}\"/>\n\
             <text x=\"{2:.1}\" y=\"{3:.1}\">{4}, error {error:.4}</text>",
            left + 8.0,
            colour(*way),
            left + 24.0,
            y + 5.0,
            escaped(trial.name(*way))
        );
        y += 24.0;
    }
    let _infallible = writeln!(
        svg,
        "<path d=\"M{left:.1} {y:.1}h16\" stroke=\"{INK}\" stroke-dasharray=\"5 4\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\">a perfect forecaster</text>\n\
         <text x=\"{left:.1}\" y=\"{:.1}\" fill=\"#555\" font-size=\"12\">area: forecasts (largest {fullest}); bars: 2 s.e.</text>",
        left + 24.0,
        y + 5.0,
        y + 28.0,
    );
    svg
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
