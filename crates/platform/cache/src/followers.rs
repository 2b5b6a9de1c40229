//! Who follows the prices of which symbol, over all nodes. A member of a set is a person on a node, because
//! somebody who closes a page on one may still look at another. What a node that died has left behind is
//! removed by those that live.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use redis::cmd;
use uuid::Uuid;

use crate::{Cache, kinds::subscriptions};

/// How long a node counts as alive after it has said so last.
pub const NODE_LIVES: Duration = Duration::from_mins(3);
/// Pairs that one message to Redis holds.
const BATCH: usize = 500;
/// The nodes that have followers.
const NODES: &str = "nodes";

/// This process among those that share a Redis.
#[derive(Debug)]
pub(crate) struct Node(String);

impl Default for Node {
    fn default() -> Self {
        Self(Uuid::now_v7().simple().to_string())
    }
}

impl Node {
    fn member(&self, who: &str) -> String {
        format!("{}:{who}", self.0)
    }
}

/// There as long as the node says that it lives.
fn lease(node: &str) -> String {
    format!("nodes:{node}")
}

/// The symbols in whose sets the node has members.
fn symbols(node: &str) -> String {
    format!("nodes:{node}:symbols")
}

/// Of each symbol's set the members.
type Sets = BTreeMap<String, Vec<String>>;

impl Cache {
    /// Notes that people follow the prices of symbols on this node: pairs of a symbol and a person. Said
    /// again, it changes nothing.
    pub async fn subscribe(&self, pairs: &[(String, String)]) {
        for (named, sets) in self.batches(pairs) {
            let node = &self.0.node.0;
            let added = self.ask(async |mut redis| {
                let mut all = redis::pipe();
                all.sadd(NODES, node).ignore();
                all.set_ex(lease(node), "", NODE_LIVES.as_secs()).ignore();
                all.sadd(symbols(node), &named).ignore();
                for (key, members) in &sets {
                    all.sadd(key, members).ignore();
                }
                all.query_async::<()>(&mut redis).await
            });
            if added.await.is_none() {
                for (key, members) in sets {
                    self.0.local.add(key, members);
                }
            }
        }
    }

    /// Notes that they follow them no longer on this node.
    pub async fn unsubscribe(&self, pairs: &[(String, String)]) {
        for (_, sets) in self.batches(pairs) {
            let removed = self.ask(async |mut redis| {
                let mut all = redis::pipe();
                for (key, members) in &sets {
                    all.srem(key, members).ignore();
                }
                all.query_async::<()>(&mut redis).await
            });
            let is_removed = removed.await.is_some();
            for (key, members) in sets {
                for member in members {
                    self.0.local.leave(&key, &member);
                    if let Some(shared) = self.0.shared.as_ref().filter(|_| !is_removed) {
                        shared.leave_later(key.clone(), member);
                    }
                }
            }
        }
    }

    /// Who follows the prices of a symbol, on whichever nodes.
    pub async fn subscribers(&self, symbol: &str) -> BTreeSet<String> {
        let key = subscriptions(symbol);
        let asked = self.ask(async |mut redis| {
            cmd("SMEMBERS")
                .arg(&key)
                .query_async::<BTreeSet<String>>(&mut redis)
                .await
        });
        let members = match asked.await {
            Some(members) => members,
            None => self.0.local.members(&key),
        };
        let people = members.iter().filter_map(|member| member.split_once(':'));
        people.map(|(_, who)| who.to_owned()).collect()
    }

    /// Says that this node lives, and removes what dead ones have left behind; to be called well within
    /// [`NODE_LIVES`].
    pub async fn renew_node(&self) {
        let node = &self.0.node.0;
        let nodes = self.ask(async |mut redis| {
            let mut all = redis::pipe();
            all.set_ex(lease(node), "", NODE_LIVES.as_secs()).ignore();
            all.smembers(NODES);
            all.query_async::<(Vec<String>,)>(&mut redis).await
        });
        let Some((nodes,)) = nodes.await else { return };
        for other in nodes.iter().filter(|other| *other != node) {
            let lives = self.ask(async |mut redis| {
                cmd("EXISTS")
                    .arg(lease(other))
                    .query_async::<bool>(&mut redis)
                    .await
            });
            if lives.await == Some(false) {
                self.bury(other).await;
            }
        }
    }

    /// Removes the members of a node from all sets. Nothing is lost if two do it at once.
    async fn bury(&self, node: &str) -> Option<()> {
        let of_node = symbols(node);
        let followed = self
            .ask(async |mut redis| {
                cmd("SMEMBERS")
                    .arg(&of_node)
                    .query_async::<Vec<String>>(&mut redis)
                    .await
            })
            .await?;
        let keys: Vec<String> = followed
            .iter()
            .map(|symbol| subscriptions(symbol))
            .collect();
        for keys in keys.chunks(BATCH) {
            let found = self
                .ask(async |mut redis| {
                    let mut all = redis::pipe();
                    for key in keys {
                        all.smembers(key);
                    }
                    all.query_async::<Vec<Vec<String>>>(&mut redis).await
                })
                .await?;
            self.ask(async |mut redis| {
                let mut all = redis::pipe();
                for (key, members) in keys.iter().zip(&found) {
                    let is_dead =
                        |member: &&String| member.split_once(':').is_some_and(|(of, _)| of == node);
                    let dead: Vec<&String> = members.iter().filter(is_dead).collect();
                    if !dead.is_empty() {
                        all.srem(key, dead).ignore();
                    }
                }
                all.query_async::<()>(&mut redis).await
            })
            .await?;
        }
        self.ask(async |mut redis| {
            let mut all = redis::pipe();
            all.del(&of_node).ignore();
            all.srem(NODES, node).ignore();
            all.query_async::<()>(&mut redis).await
        })
        .await
    }

    /// Pairs in messages of bearable size: the symbols that are named, and the sets with their members.
    fn batches(&self, pairs: &[(String, String)]) -> Vec<(Vec<String>, Sets)> {
        let batch = |pairs: &[(String, String)]| {
            let mut sets = Sets::new();
            let mut named = BTreeSet::new();
            for (symbol, who) in pairs {
                named.insert(symbol.clone());
                let members = sets.entry(subscriptions(symbol)).or_default();
                members.push(self.0.node.member(who));
            }
            (named.into_iter().collect(), sets)
        };
        pairs.chunks(BATCH).map(batch).collect()
    }
}
