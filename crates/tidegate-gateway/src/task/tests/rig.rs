//! One run of a gate between peers that do nothing but what the script says, one step after another: between two steps
//! everything moves as far as it can.

use std::{
    future::{pending, poll_fn},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use socket2::SockRef;
use tidegate_core::overrides::Overrides;
use tidegate_engine::{
    clock::Clock,
    engine::{self, Engine},
    snapshot::Current,
    sockets::CloseReason,
};
use tokio::{runtime::Runtime, sync::Semaphore};

use super::{
    super::cut::{self, Cut, Pace, Watch},
    house::{self, House},
};
use crate::{bounds::Bounds, listener, request_handler::Handler, socket::REFUSALS_BY_FRAME_MAX, task};

/// An action of a peer.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A client says something; it connects before it speaks for the first time.
    Client(usize, Vec<u8>),
    /// A client closes.
    Leaves(usize),
    /// A client resets its connection.
    Resets(usize),
    /// The upstream takes a connection, closes the one it had, and reads what comes.
    Accepts,
    /// The upstream says something.
    Upstream(Vec<u8>),
    UpstreamLeaves,
    UpstreamResets,
    /// The upstream is not there at all.
    UpstreamGone,
    /// All sockets are told to close.
    Told(CloseReason),
    /// The first client waits for an answer that only time brings.
    Waits,
}

/// A gate and its peers.
pub(super) struct Rig {
    runtime: Runtime,
    handler: Arc<Handler>,
    address: SocketAddr,
    upstream: Option<TcpListener>,
    near: Option<TcpStream>,
    clients: [Option<TcpStream>; 2],
    /// The bytes that each client was told.
    pub(super) told: [Vec<u8>; 2],
    /// The bytes that the upstream was told.
    asked: Vec<u8>,
    /// Longest wait for what must not take time at all; only a machine that is busy otherwise takes any.
    wait_max: Duration,
}

/// Turns of the runtime without a poll, after which nothing moves. Each looks for input once.
const QUIET_TURNS: usize = 12;

/// Longer than any wait that a script waits for.
const LONG: Duration = Duration::from_secs(5);

/// Of time that passes. Everything that a sweep is about takes none, and nothing else here is shorter than a second.
const SILENCE_MAX: Duration = Duration::from_millis(100);

/// Room for the clients of a script, and for one upstream connection: whatever is not given back is missed at once.
fn bounds(waits: bool) -> Bounds {
    Bounds {
        connections_max: 2,
        in_flight_max: 2,
        upstream_connections_max: 1,
        upstream_timeout: if waits { SILENCE_MAX } else { 10 * LONG },
        unread_body_timeout: 10 * LONG,
        ping_interval: 100 * LONG,
        ..Bounds::default()
    }
}

impl Rig {
    pub(super) fn new(cut: Option<Cut>, pace: Pace, waits: bool, wait_max: Duration) -> Rig {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .event_interval(1)
            .build()
            .unwrap();
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        upstream.set_nonblocking(true).unwrap();
        let policy = house::policy(&format!("http://{}", upstream.local_addr().unwrap()));
        let engine = Arc::new(Engine::new(
            Clock::manual(1_795_305_600_000),
            Current::new(policy, Overrides::default()),
            [7; 16],
            engine::Bounds {
                cells_max: 100,
                leases_max: 100,
                sockets_max: 10,
            },
        ));
        let leases = engine.clone();
        cut::watch(cut, pace, move || leases.occupancy().leases);
        let bounds = bounds(waits);
        let house = Arc::new(House);
        let mut handler = Handler::new(engine, house.clone(), house.clone(), house, bounds);
        handler.decoders = Arc::new(Semaphore::new(1));
        let handler = Arc::new(handler);
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(task::alone(listener::serve(
            handler.clone(),
            listener.into(),
            None,
            std::future::pending(),
        )));
        Rig {
            runtime,
            handler,
            address,
            upstream: Some(upstream),
            near: None,
            clients: [None, None],
            told: [Vec::new(), Vec::new()],
            asked: Vec::new(),
            wait_max,
        }
    }

    /// Acts that happen at once, and what comes of them.
    pub(super) fn step(&mut self, acts: &[Act]) {
        for act in acts {
            self.act(act);
        }
        self.settle();
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Client(n, bytes) => {
                let client = self.clients[*n].get_or_insert_with(|| connected(self.address));
                let _ = client.write_all(bytes);
            }
            Act::Leaves(n) => drop(self.clients[*n].take()),
            Act::Resets(n) => reset(self.clients[*n].take()),
            Act::Accepts => {
                if let Some((stream, _)) = self.upstream.as_ref().and_then(|listener| listener.accept().ok()) {
                    stream.set_nonblocking(true).unwrap();
                    self.near = Some(stream);
                }
            }
            Act::Upstream(bytes) => {
                if let Some(near) = &mut self.near {
                    let _ = near.write_all(bytes);
                }
            }
            Act::UpstreamLeaves => drop(self.near.take()),
            Act::UpstreamResets => reset(self.near.take()),
            Act::UpstreamGone => drop(self.upstream.take()),
            Act::Told(reason) => {
                self.handler.engine.sockets.close_where(|_| true, *reason);
            }
            Act::Waits => {
                self.wait(LONG, |rig| !rig.told[0].is_empty() || rig.is_cut());
            }
        }
    }

    /// Lets everything move as far as it can, with what the peers read.
    fn settle(&mut self) {
        self.runtime.block_on(cut::settle(QUIET_TURNS));
        for (client, told) in self.clients.iter_mut().zip(&mut self.told) {
            read(client.as_mut(), told);
        }
        read(self.near.as_mut(), &mut self.asked);
        self.runtime.block_on(cut::settle(QUIET_TURNS));
    }

    /// Waits until something is so; whether it is in time.
    fn wait(&mut self, wait_max: Duration, mut is_so: impl FnMut(&mut Rig) -> bool) -> bool {
        let mut over = {
            let _runtime = self.runtime.enter();
            Box::pin(tokio::time::timeout(wait_max, pending::<()>()))
        };
        loop {
            self.settle();
            if is_so(self) {
                return true;
            }
            let is_over = poll_fn(|cx| Poll::Ready(over.as_mut().poll(cx).is_ready()));
            if self.runtime.block_on(is_over) {
                return false;
            }
        }
    }

    pub(super) fn is_cut(&self) -> bool {
        cut::watched(|watch| watch.is_cut).unwrap_or(false)
    }

    /// Is true when the first client was told something that begins so; of nothing, when it was told nothing.
    pub(super) fn is_told(&self, told: &str) -> bool {
        match told {
            "" => self.told[0].is_empty(),
            _ => self.told[0].starts_with(told.as_bytes()),
        }
    }

    /// While everyone else is still there: nobody holds a slot but who holds it on.
    pub(super) fn holds(&mut self, sockets_max: usize) -> Result<(), String> {
        let held = |rig: &Rig| (rig.handler.engine.occupancy().leases, rig.handler.engine.sockets.len());
        let is_so = |rig: &mut Rig| held(rig).0 == held(rig).1 && held(rig).0 <= sockets_max;
        if self.wait(self.wait_max, is_so) {
            return Ok(());
        }
        let (leases, sockets) = held(self);
        Err(format!(
            "{leases} slots are taken and {sockets} sockets listed, where {sockets_max} may be"
        ))
    }

    /// Everyone leaves; then nothing may be left of anything, and the next one is served.
    pub(super) fn ends(mut self) -> Result<Watch, String> {
        for n in 0..self.clients.len() {
            reset(self.clients[n].take());
        }
        self.settle();
        reset(self.near.take());
        let is_left = |rig: &Rig| {
            let alive = cut::watched(|watch| watch.alive).unwrap_or(0);
            let parts = [
                ("slots", rig.handler.engine.occupancy().leases),
                ("sockets", rig.handler.engine.sockets.len()),
                ("meters", rig.handler.engine.usage.open() as usize),
                ("requests", 2 - rig.handler.in_flight.available_permits()),
                (
                    "refusals",
                    REFUSALS_BY_FRAME_MAX - rig.handler.sockets.refusals_by_frame.available_permits(),
                ),
                // The listener stays.
                ("tasks", alive - 1),
            ];
            parts.into_iter().find(|(_, left)| *left > 0)
        };
        if !self.wait(self.wait_max, |rig| is_left(rig).is_none()) {
            return Err(format!("everyone left, and left: {:?}", is_left(&self)));
        }
        self.recorded()?;
        cut::watched(|watch| watch.cut = None);
        self.serves()?;
        let Rig { runtime, .. } = self;
        drop(runtime);
        cut::unwatch().ok_or_else(|| "nothing was watched".to_owned())
    }

    /// Every request that began was recorded once, whatever ended it (docs/semantics.md rule 23).
    fn recorded(&self) -> Result<(), String> {
        let usage = &self.handler.engine.usage;
        let (begun, entries) = (usage.begun(), usage.take());
        let ended: u64 = entries.iter().map(|entry| entry.sums.ended()).sum();
        match ended == begun {
            true => Ok(()),
            false => Err(format!("{begun} requests began and {ended} were recorded: {entries:?}")),
        }
    }

    /// Serves as many at once as there is room for, over the upstream's one connection.
    fn serves(&mut self) -> Result<(), String> {
        // Not over an upstream that is gone, or that is held to be silent at once.
        let is_outside = self.upstream.is_some() && self.handler.bounds.upstream_timeout > SILENCE_MAX;
        let (path, answer) = if is_outside {
            ("api", "outside")
        } else {
            ("inside", "inside")
        };
        self.asked.clear();
        for n in 0..self.clients.len() {
            self.told[n].clear();
            let request = format!("GET /{path}/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\n\r\n");
            self.step(&[Act::Client(n, request.into_bytes())]);
            let is_served = self.wait(self.wait_max, |rig| {
                rig.step(&[Act::Accepts]);
                if !std::mem::take(&mut rig.asked).is_empty() {
                    rig.step(&[Act::Upstream(OUTSIDE.to_vec())]);
                }
                rig.told[n].ends_with(answer.as_bytes())
            });
            if !is_served {
                let told = String::from_utf8_lossy(&self.told[n]);
                return Err(format!("the next one is not served, but told {told:?}"));
            }
        }
        Ok(())
    }
}

const OUTSIDE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\noutside";

fn connected(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nonblocking(true).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn reset(stream: Option<TcpStream>) {
    if let Some(stream) = stream {
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    }
}

fn read(stream: Option<&mut TcpStream>, into: &mut Vec<u8>) {
    let Some(stream) = stream else { return };
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes) {
        into.extend_from_slice(&bytes[..length]);
    }
}
