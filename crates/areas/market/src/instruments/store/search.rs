use sqlx::PgConnection;

use super::{Row, instruments, without_nul};
use crate::instruments::Instrument;

/// Shorter texts are looked for at the beginning of symbols, names and words alone: a part of a word
/// of two letters is in almost every name.
const SHORTEST_PART: usize = 3;
/// Matches of one kind, or words, that are compared with each other, at least.
const COMPARED: i64 = 200;
/// The part of their trigrams that two words must share to be compared: one wrong letter in the middle of
/// five leaves a third.
const ALIKE: &str = "0.25";

/// The best matches of a text: the symbol or a number itself, a former symbol, symbols that begin with
/// it, names that begin with it, names that contain it.
pub(in crate::instruments) async fn search(
    conn: &mut PgConnection,
    text: &str,
    limit: i64,
) -> db::Result<Vec<Instrument>> {
    let text = without_nul(text);
    let rows = sqlx::query_as!(
        Row,
        r#"with hits as (
             (select id, 0 as rank from market.instruments
              where symbol = upper($1) and not is_private limit $2)
             union all
             (select id, 1 from market.instruments
              where isin = upper($1) and not is_private limit $2)
             union all
             (select id, 1 from market.instruments
              where figi = upper($1) and not is_private limit $2)
             union all
             (select id, 1 from market.instruments
              where cusip = upper($1) and not is_private limit $2)
             union all
             (select instrument_id, 2 from market.symbol_history where symbol = upper($1) limit $2)
             union all
             (select id, 3 from market.instruments
              where symbol ~>=~ upper($1) and symbol ~<~ (upper($1) || U&'\+10FFFF')
                and not is_private
              order by symbol using ~<~ limit $4)
             union all
             (select id, 4 from market.instruments
              where lower(name) ~>=~ lower($1) and lower(name) ~<~ (lower($1) || U&'\+10FFFF')
                and not is_private
              order by lower(name) using ~<~ limit $4)
             union all
             (select id, 5 from market.instruments
              where lower(name) like $3 and not is_private limit $4)
           )
           select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
           from market.instruments
           join (select id, min(rank) as rank from hits group by id) best using (id)
           where not is_private
           order by rank, is_active desc,
                    case when rank = 5 then extensions.word_similarity(lower($1), lower(name)) end
                        desc nulls last,
                    symbol, id
           limit $2"#,
        text,
        limit,
        part_or_word(&text),
        limit.max(COMPARED),
    )
    .fetch_all(&mut *conn)
    .await?;
    instruments(rows)
}

/// The words of names that have the most in common with this one, the likest first.
pub(in crate::instruments) async fn list_words_like(
    conn: &mut PgConnection,
    word: &str,
) -> db::Result<Vec<String>> {
    sqlx::query!(
        r#"select set_config('pg_trgm.similarity_threshold', $1, true) as "set!""#,
        ALIKE,
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar!(
        "select word from market.name_words
         where word operator(extensions.%) $1
         order by extensions.similarity(word, $1) desc, word
         limit $2",
        word,
        COMPARED,
    )
    .fetch_all(conn)
    .await?)
}

/// The pattern of names that contain the text.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The same, but where the text is short names with a word that begins with it.
fn part_or_word(text: &str) -> String {
    if text.chars().count() < SHORTEST_PART {
        containing(&format!(" {text}"))
    } else {
        containing(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_every_character_as_itself() {
        assert_eq!(containing("S&P 500"), "%s&p 500%");
        assert_eq!(containing("50% a_b\\"), "%50\\% a\\_b\\\\%");
        assert_eq!(part_or_word("ma"), "% ma%");
        assert_eq!(part_or_word("mas"), "%mas%");
    }
}
