use db::{Db, SystemTx, UserId};
use uuid::Uuid;

use super::{
    AuditError, Broken, Fault, Head, Proof, Step,
    model::{GENESIS, Known, Link, hex},
    store,
};

/// Links that are read at a time.
const AT_A_TIME: i64 = 2_000;

/// One chain on its way.
struct Walk {
    user_id: Uuid,
    chain: String,
    is_forgotten: bool,
    seq: i64,
    hash: Vec<u8>,
    last: Option<(String, String)>,
}

/// Recomputes every chain, of one person or of everybody, and compares the rows with them. Of a chain
/// that does not hold the first broken row is named. `vouched` are heads of an earlier pack: a chain that
/// was made anew from changed rows, or is gone with its person, holds by itself, but not against them.
pub async fn verify(
    db: &Db,
    user: Option<UserId>,
    vouched: &[Head],
    mut progress: impl FnMut(Step) + Send,
) -> Result<Proof, AuditError> {
    let user = user.map(Uuid::from);
    let mut tx = db.system("prove the chains").await?;
    store::allow_long_reads(&mut tx).await?;
    let of = u64::try_from(store::count_links(&mut tx, user).await?).unwrap_or(0);
    let mut proof = Proof::default();
    let mut unmet: Vec<&Head> = vouched
        .iter()
        .filter(|head| user.is_none_or(|user| user == head.user_id))
        .collect();
    for known in store::chains(&mut tx, user).await? {
        let is_of = |head: &Head| head.user_id == known.user_id && head.chain == known.chain;
        let vouched = vouched.iter().find(|head| is_of(head));
        unmet.retain(|head| !is_of(head));
        let mut walk = Walk::new(known);
        let broken = walk
            .whole(&mut tx, vouched, &mut proof, |links| {
                progress(Step { links, of });
            })
            .await?;
        proof.chains += usize::from(walk.seq > 0 || broken.is_some());
        match broken {
            Some(broken) => proof.broken.push(broken),
            None if walk.seq > 0 => proof.heads.push(walk.head()),
            None => {}
        }
    }
    for head in unmet {
        if store::is_purged(&mut tx, head.user_id).await? {
            proof.purged += 1;
        } else {
            proof.broken.push(gone(head));
        }
    }
    Ok(proof)
}

/// A chain that an earlier pack vouches for, and of which nothing is left.
fn gone(head: &Head) -> Broken {
    Broken {
        user_id: head.user_id,
        chain: head.chain.clone(),
        seq: head.length,
        table: String::new(),
        row_id: String::new(),
        fault: Fault::Missing,
    }
}

impl Walk {
    fn new(known: Known) -> Self {
        Self {
            user_id: known.user_id,
            chain: known.chain,
            is_forgotten: known.is_forgotten,
            seq: 0,
            hash: GENESIS.to_vec(),
            last: None,
        }
    }

    fn head(&self) -> Head {
        Head {
            user_id: self.user_id,
            chain: self.chain.clone(),
            length: self.seq,
            hash: hex(&self.hash),
        }
    }

    async fn whole(
        &mut self,
        tx: &mut SystemTx,
        vouched: Option<&Head>,
        proof: &mut Proof,
        mut progress: impl FnMut(u64),
    ) -> Result<Option<Broken>, AuditError> {
        loop {
            let links = store::links(tx, self.user_id, &self.chain, self.seq, AT_A_TIME).await?;
            for link in &links {
                if let Some(fault) = self.step(link) {
                    return Ok(Some(self.broken_at(link, fault)));
                }
                proof.links += 1;
                proof.erased += u64::from(link.content.is_none());
            }
            progress(proof.links);
            if links.is_empty() {
                break;
            }
        }
        if let Some(broken) = self.ends(tx, vouched).await? {
            return Ok(Some(broken));
        }
        let difference = store::first_difference(tx, self.user_id, &self.chain).await?;
        Ok(difference.map(|found| {
            let fault = Fault::of_difference(&found.what);
            self.broken(found.seq, found.table_name, found.row_id, fault)
        }))
    }

    /// Goes on to the next link, or tells what is wrong with it.
    fn step(&mut self, link: &Link) -> Option<Fault> {
        if link.seq != self.seq + 1 {
            return Some(Fault::Gap);
        }
        if !link.has_its_content(self.is_forgotten) {
            return Some(Fault::Content);
        }
        let hash = link.hash_after(&self.hash, self.user_id, &self.chain);
        if hash[..] != link.hash[..] {
            return Some(Fault::Link);
        }
        self.seq = link.seq;
        self.hash = hash.to_vec();
        self.last = Some((link.table_name.clone(), link.row_id.clone()));
        None
    }

    /// Whether the chain ends where its head says, and goes through where an earlier pack says.
    async fn ends(
        &self,
        tx: &mut SystemTx,
        vouched: Option<&Head>,
    ) -> Result<Option<Broken>, AuditError> {
        let head = store::head(tx, self.user_id, &self.chain).await?;
        let stands = match &head {
            Some(head) => head.length == self.seq && head.hash == hex(&self.hash),
            None => self.seq == 0,
        };
        if !stands {
            return Ok(Some(self.broken_after(Fault::Head)));
        }
        let Some(vouched) = vouched else {
            return Ok(None);
        };
        let hash = store::hash_at(tx, self.user_id, &self.chain, vouched.length).await?;
        let is_same = hash.is_some_and(|hash| hash == vouched.hash);
        Ok((!is_same).then(|| self.broken_after(Fault::Rewritten)))
    }

    fn broken_at(&self, link: &Link, fault: Fault) -> Broken {
        // Of a link that is gone only its place is known.
        let (seq, row_id) = match fault {
            Fault::Gap => (self.seq + 1, String::new()),
            _ => (link.seq, link.row_id.clone()),
        };
        self.broken(seq, link.table_name.clone(), row_id, fault)
    }

    /// Behind the last link that is there.
    fn broken_after(&self, fault: Fault) -> Broken {
        let (table, row_id) = self.last.clone().unwrap_or_default();
        self.broken(self.seq, table, row_id, fault)
    }

    fn broken(&self, seq: i64, table: String, row_id: String, fault: Fault) -> Broken {
        Broken {
            user_id: self.user_id,
            chain: self.chain.clone(),
            seq,
            table,
            row_id,
            fault,
        }
    }
}
