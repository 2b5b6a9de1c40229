use jiff::civil::Date;

/// What changes the price of a share without changing what a holder has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// One share becomes `ratio` shares: 4 of a four-for-one split, 1.05 of a stock dividend of 5 %, 0.1 of a
    /// one-for-ten reverse split.
    Split {
        /// First day on which the share trades after the split.
        ex_date: Date,
        /// Shares after for one share before, above zero.
        ratio: f64,
    },
    /// Money is paid out of the share's value: a dividend, a return of capital.
    Cash {
        /// First day on which the share trades without the payment.
        ex_date: Date,
        /// For one share as it trades on the day before, in the unit of the prices, above zero.
        amount: f64,
    },
}

/// What a series is adjusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Splits alone: the price of what one share of the last day was.
    Splits,
    /// Splits and payments: the growth of the series is that of the share with every payment put back
    /// into it at the close before.
    SplitsAndCash,
}

/// By what a day's figures are multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjustment {
    /// Of open, high, low and close.
    pub price: f64,
    /// Of the volume.
    pub volume: f64,
}

/// An action that could not be applied, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unapplied {
    /// There is no close before the payment, so that its part of the price is unknown.
    NoClose {
        /// When it was paid.
        ex_date: Date,
    },
    /// The payment is not smaller than the close before it: one of the two is wrong.
    TooLarge {
        /// When it was paid.
        ex_date: Date,
        /// What was paid.
        amount: f64,
        /// The close before.
        close: f64,
    },
    /// A ratio or an amount that is not above zero.
    Senseless {
        /// When it was to be.
        ex_date: Date,
    },
}

impl Action {
    fn ex_date(&self) -> Date {
        match self {
            Self::Split { ex_date, .. } | Self::Cash { ex_date, .. } => *ex_date,
        }
    }
}

/// The adjustment of each close, in their order, which must be that of days; and the actions that could
/// not be applied.
///
/// Days before the ex-date of a split of ratio *r* are multiplied by 1/*r* (their volume by *r*), days
/// before that of a payment *d* by (*c* − *d*) / *c*, where *c* is the last close before, as traded: the
/// method of CRSP, which Yahoo and LEAN follow. Factors multiply, so the last day stands as it was traded.
/// Actions after the last close change nothing.
pub fn adjustments(
    closes: &[(Date, f64)],
    actions: &[Action],
    basis: Basis,
) -> (Vec<Adjustment>, Vec<Unapplied>) {
    let mut sorted: Vec<&Action> = actions.iter().collect();
    sorted.sort_by_key(|action| std::cmp::Reverse(action.ex_date()));
    let mut unapplied = Vec::new();
    let mut found = Vec::with_capacity(closes.len());
    let mut now = Adjustment {
        price: 1.0,
        volume: 1.0,
    };
    let mut ahead = sorted.into_iter().peekable();
    if let Some((last, _)) = closes.last() {
        while ahead.next_if(|action| action.ex_date() > *last).is_some() {}
    }
    for (day, close) in closes.iter().rev() {
        // The first close before an ex-date, walking back, is the last before it.
        while let Some(action) = ahead.next_if(|action| action.ex_date() > *day) {
            match apply(now, action, *close, basis) {
                Ok(next) => now = next,
                Err(why) => unapplied.push(why),
            }
        }
        found.push(now);
    }
    found.reverse();
    let left = ahead.filter(|action| basis == Basis::SplitsAndCash && is_cash(action));
    unapplied.extend(left.map(|action| Unapplied::NoClose {
        ex_date: action.ex_date(),
    }));
    unapplied.reverse();
    (found, unapplied)
}

fn is_cash(action: &Action) -> bool {
    matches!(action, Action::Cash { .. })
}

fn apply(
    now: Adjustment,
    action: &Action,
    close: f64,
    basis: Basis,
) -> Result<Adjustment, Unapplied> {
    match *action {
        Action::Split { ex_date, ratio } => {
            if !(ratio > 0.0 && ratio.is_finite()) {
                return Err(Unapplied::Senseless { ex_date });
            }
            Ok(Adjustment {
                price: now.price / ratio,
                volume: now.volume * ratio,
            })
        }
        Action::Cash { .. } if basis == Basis::Splits => Ok(now),
        Action::Cash { ex_date, amount } => {
            if !(amount > 0.0 && amount.is_finite()) {
                return Err(Unapplied::Senseless { ex_date });
            }
            if amount >= close {
                return Err(Unapplied::TooLarge {
                    ex_date,
                    amount,
                    close,
                });
            }
            Ok(Adjustment {
                price: now.price * (close - amount) / close,
                ..now
            })
        }
    }
}
