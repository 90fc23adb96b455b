//! All the laws of one match at one moment, and any market read from the one that it hangs on.

use super::chain::Engine;
use super::fair::Fair;
use super::inputs::{ModelInputs, NoPrice, State};
use super::law::ScoreLaw;
use super::profile::Profile;
use crate::catalogue::Measure;
use crate::event::{MarketId, Score, Side};

/// What of a match some markets hang on, besides its score, clock and red cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The score at half-time, once it was.
    pub half_time: Option<Score>,
    /// Whose the last goal so far is.
    pub last_goal: Option<Side>,
    /// Corners taken so far; `None` where they are not reported.
    pub corners: Option<Score>,
    /// Cards so far, a red counting two; `None` where they are not reported.
    pub cards: Option<Score>,
    /// A knock-out match, and home's lead from the first leg.
    pub knock_out: Option<i8>,
}

impl Circumstances {
    /// The same match before it began.
    #[must_use]
    pub fn at_kick_off(&self) -> Circumstances {
        Circumstances {
            half_time: None,
            last_goal: None,
            corners: self.corners.map(|_| Score::default()),
            cards: self.cards.map(|_| Score::default()),
            knock_out: self.knock_out,
        }
    }
}

/// Works out all laws of a match, one match after another in the same memory.
#[derive(Clone, Debug, Default)]
pub struct LawsEngine {
    engine: Engine,
}

/// All the laws of one match at one moment. Every market is read from one of them, and they agree.
#[derive(Clone, Copy, Debug)]
pub struct Laws<'a> {
    score: &'a ScoreLaw,
}

impl LawsEngine {
    /// An engine with nothing computed yet.
    pub fn new() -> LawsEngine {
        LawsEngine::default()
    }

    /// The engine of the law of the final score alone.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// The laws from this state.
    ///
    /// # Errors
    /// The named reason why these inputs have no price.
    pub fn laws(
        &mut self,
        profile: &Profile,
        inputs: &ModelInputs,
        state: &State,
        _circumstances: &Circumstances,
    ) -> Result<Laws<'_>, NoPrice> {
        Ok(Laws { score: self.engine.law(profile, inputs, state)? })
    }
}

impl<'a> Laws<'a> {
    /// The law of the final score.
    pub fn score(&self) -> &'a ScoreLaw {
        self.score
    }

    /// How much of a measure there is now; `None` where this moment says nothing of it.
    pub fn now(&self, measure: &Measure) -> Option<i64> {
        self.score.counts(measure).map(|(_, now)| now)
    }

    /// The fair value of a market; `None` for what this moment says nothing of (a goal long scored, corners that nobody
    /// counts).
    pub fn fair(&self, market: MarketId) -> Option<Fair> {
        self.score.fair(market)
    }
}
