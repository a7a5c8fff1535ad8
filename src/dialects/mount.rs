//! The mount: which dialects live in which namespace, and whose an event or a route is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::kit::rest::Route;
use super::{Admission, Dialect, Knock, Refused, Welcome};

/// All that is mounted. Fixed when the server starts.
#[derive(Default)]
pub struct Mounts {
    /// Every spelling of each namespace: few, so that looking through them is quicker than a table.
    namespaces: Vec<(Arc<str>, Arc<Mount>)>,
    dialects: Vec<Arc<dyn Dialect>>,
}

/// One namespace, by whichever of its spellings.
#[derive(Default)]
pub struct Mount {
    dialects: Vec<Arc<dyn Dialect>>,
    /// Whose an event is: its place in `dialects`.
    owners: BTreeMap<&'static str, usize>,
}

/// What came of knocking at a namespace.
pub enum Entry {
    /// The grants, each with its dialect's place in the mount.
    Admitted(Vec<(usize, Welcome)>),
    /// Nobody let the socket in.
    Refused(Refused),
}

impl Mounts {
    /// Mounts dialects side by side.
    ///
    /// # Errors
    /// A sentence that names two dialects of one namespace that listen to the same event.
    pub fn new(dialects: Vec<Arc<dyn Dialect>>) -> Result<Mounts, String> {
        let mut mounts: HashMap<&'static str, (Mount, Vec<&'static str>)> = HashMap::new();
        for dialect in &dialects {
            let charter = dialect.charter();
            let [main, aliases @ ..] = charter.namespaces else { continue };
            let (mount, spellings) = mounts.entry(main).or_default();
            spellings.extend([*main].into_iter().chain(aliases.iter().copied()));
            mount.add(dialect)?;
        }
        let mut namespaces = Vec::new();
        for (mount, spellings) in mounts.into_values() {
            let mount = Arc::new(mount);
            for spelling in spellings {
                namespaces.push((Arc::from(spelling), Arc::clone(&mount)));
            }
        }
        Ok(Mounts { namespaces, dialects })
    }

    /// The namespace of that spelling, with the spelling as all who use it share it.
    #[must_use]
    pub fn namespace(&self, spelling: &str) -> Option<&(Arc<str>, Arc<Mount>)> {
        self.namespaces.iter().find(|(known, _)| **known == *spelling)
    }

    /// The only dialect, where there is just one.
    #[must_use]
    pub fn sole(&self) -> Option<&Arc<dyn Dialect>> {
        match self.dialects.as_slice() {
            [sole] => Some(sole),
            _ => None,
        }
    }

    /// Every route of every dialect, with its owner.
    #[must_use]
    pub fn routes(&self) -> Vec<(Route, Arc<dyn Dialect>)> {
        let with_owner = |dialect: &Arc<dyn Dialect>| {
            let owner = Arc::clone(dialect);
            Arc::clone(dialect).routes().into_iter().map(move |route| (route, Arc::clone(&owner)))
        };
        self.dialects.iter().flat_map(with_owner).collect()
    }
}

impl Mount {
    fn add(&mut self, dialect: &Arc<dyn Dialect>) -> Result<(), String> {
        let place = self.dialects.len();
        for event in dialect.charter().events {
            if let Some(other) = self.owners.insert(event, place) {
                let (a, b) = (self.dialects[other].charter().name, dialect.charter().name);
                return Err(format!(
                    "the dialects {a} and {b} both listen to the event {event:?}: \
                     mount one of them with --dialect, and the other in a server of its own"
                ));
            }
        }
        self.dialects.push(Arc::clone(dialect));
        Ok(())
    }

    /// The dialect at that place.
    #[must_use]
    pub fn dialect(&self, place: usize) -> &Arc<dyn Dialect> {
        &self.dialects[place]
    }

    /// The place of the dialect that listens to that event.
    #[must_use]
    pub fn owner(&self, event: &str) -> Option<usize> {
        self.owners.get(event).copied()
    }

    /// Asks every dialect. One refusal keeps the socket out, whatever the others say; so does
    /// it that nobody takes it for theirs.
    pub async fn knock(&self, knock: &Knock<'_>) -> Entry {
        let mut grants = Vec::new();
        let mut refusal: Option<Refused> = None;
        for (place, dialect) in self.dialects.iter().enumerate() {
            match dialect.admit(knock).await {
                Admission::NotMine => {}
                Admission::Welcome(welcome) => grants.push((place, welcome)),
                Admission::Refused(refused) => {
                    if refusal.as_ref().is_none_or(|known| known.precedence < refused.precedence) {
                        refusal = Some(refused);
                    }
                }
            }
        }
        match refusal {
            Some(refused) => Entry::Refused(refused),
            None if grants.is_empty() => Entry::Refused(Refused {
                payload: r#"{"message":"Unauthorized"}"#.into(),
                precedence: 0,
            }),
            None => Entry::Admitted(grants),
        }
    }
}
