/*
 * How objects are counted in a deployment: workers that commit batches, compactors that put them together, a reader.
 * Every interleaving of them, checked by SPIN (`npm run test:spin`).
 *
 * One step here is one call in the code: a transaction of DynamoDB, a write with its condition, a consistent read of an
 * item. Whoever has made it may have died by the next. A process that dies forgets all its variables and begins anew,
 * which is also how another process in its place begins: so nothing counts lives or deliveries, and each may go on for
 * ever. An answer that is lost is one of the ways to die after a step, or to try again.
 *
 * Conditions see a transaction whole. Who reads its items one after the other does not: until it is answered, it may be
 * seen in one and not yet in another, in any order. Here `through` is seen at once, and sums may be seen later (`unseen`):
 * the other way round is the same as to have read `through` earlier. A batch that is not seen yet is the same as one that
 * is committed later, since `batchesAfter` passes no number that is missing: it reads on once it is there, or throws.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
 *
 * Left out, since it makes no difference to what is checked:
 * - What batches add. An object adds 1 to one rule and day: objects 0 and 1 to two rules of day 0, object 2 to a rule of
 *   day 1. That sums may be added in any order is held by the tests of `AdditionSum`.
 * - The queue. A worker may be given any one or two objects at any time, counted or not: no queue does worse.
 * - A batch of more than 16 days, which takes several numbers in one commit: it is as several batches at once.
 * - Throttling, which leaves all as it was; conflicts of commits, the same; and the bound on batches of one compaction: to
 *   take fewer is to have looked earlier.
 * - The removal of former files of sums, and the expiry of what is old; last uses (`moveLastUses`), which are no sums.
 *
 * Workers read nothing of what compactors write, and these see nothing of a worker but its batches. So with WORKERS 0 one
 * process commits any batch of what is not noted at any time: it stands for any number of workers.
 */

#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef COMPACTORS
#define COMPACTORS 2
#endif
#ifndef READERS
#define READERS 1
#endif

/* Of which days a reader reads: the first one alone, or either. */
#ifndef READ_DAYS
#define READ_DAYS 2
#endif

#define OBJECTS 3
#define ALL 7
#define DAYS 2
#define BIT(o) (1 << (o))
/* The objects of a day, and its part of packed sums. */
#define OF(day) ((day) == 0 -> 3 : 4)
#define PART(day) ((day) == 0 -> 15 : 48)
/* Packed sums have two bits for each object: how often it is in, from 3 on no more precisely. */
#define COUNT(packed, o) (((packed) >> (2 * (o))) & 3)
#define ONE(o) (1 << (2 * (o)))
/* Room for 4 batches. More than 3 are committed only where one is wrong: no more than 3 by workers, one by `Last`. */
#define LOG 5
#define MOST 3

/* The state table. */
byte seq;               /* head.seq */
byte batch[LOG];        /* batch / <seq>: the objects of its file */
byte filed = 1;         /* of which batches the file is there */
byte notes;             /* object#<name>: which are there */
byte through, counters; /* compacted */
byte sums[DAYS];        /* sums / <day>: the file it names, packed */
byte upTo[DAYS];        /* sums / <day>: through */
byte unseen;            /* of which days reads see what was before: the transaction is not answered yet */
byte oldSums[DAYS], oldUpTo[DAYS];
#define SUMS(day) ((unseen & BIT(day)) -> oldSums[day] : sums[day])
#define UPTO(day) ((unseen & BIT(day)) -> oldUpTo[day] : upTo[day])
/* The table of rules: an item of each object's rule and day. */
byte item[OBJECTS];
byte itemUpTo[OBJECTS];

/* What is promised. Each has a name of its own, which SPIN tells when it is broken. */
hidden byte fileIsThere, ackedIsNoted, countedOnce, sumsAgree, itemAgrees, itemNeverBack, prefixIsRead, wholeInTheEnd;
inline hold(promise, condition) { promise = (condition); assert(promise) }

/* Scratch of one step. */
hidden byte b, o, n, w, x, day;

/* w += what the objects of the day add; `addResolved`, `AdditionSum.add` */
inline addObjects(these, d) {
  o = 0;
  do
  :: o < OBJECTS ->
     w = w + ((these & OF(d) & BIT(o)) && COUNT(w, o) < 3 -> ONE(o) : 0);
     o++
  :: else -> break
  od
}

/* w = sums of the day of the batches 1 … last */
inline prefix(last, d) {
  w = 0; b = 1;
  do
  :: b <= last -> addObjects(batch[b], d); b++
  :: else -> break
  od
}

/* n = objects of the batches first + 1 … last, x = the last of them that is of the day */
inline touched(first, last, d) {
  n = 0; x = 0; b = first + 1;
  do
  :: b <= last -> n = n | batch[b]; x = ((batch[b] & OF(d)) -> b : x); b++
  :: else -> break
  od
}

inline see(d) { unseen = unseen & ~BIT(d); oldSums[d] = 0; oldUpTo[d] = 0 }

active proctype Transactions() {
end0:
  do
  :: atomic { unseen & BIT(0) -> see(0) }
  :: atomic { unseen & BIT(1) -> see(1) }
  od
}

#if WORKERS == 0
active proctype Log() {
end0:
  do
  :: atomic { seq < MOST && notes != ALL ->
       if
       :: !(notes & 1) -> x = 1 :: !(notes & 2) -> x = 2 :: !(notes & 4) -> x = 4
       :: !(notes & 3) -> x = 3 :: !(notes & 5) -> x = 5 :: !(notes & 6) -> x = 6
       fi;
       seq++; batch[seq] = x; filed = filed | BIT(seq); notes = notes | x; x = 0
     }
  od
}
#endif

/* count-objects.ts, dynamo-adapter.ts */

/* The messages of these are taken off the queue: nobody brings them again. */
inline ack(these) { hold(ackedIsNoted, ((these) & ~notes) == 0) }

active [WORKERS] proctype Worker() {
  byte mine, last;
start:
end0:
  atomic {
    if
    :: mine = 1 :: mine = 2 :: mine = 3 :: mine = 4 :: mine = 5 :: mine = 6
    fi;
    /* Folds them; `writeBatch`, which nobody sees before the commit; `logHead`. */
    last = seq
  }
commit: /* `#transact` */
  atomic {
    if
    :: goto dead
    :: notes & mine -> /* The notes that are there come back; `addOnce` is called again with the others. */
       ack(mine & notes);
       mine = mine & ~notes;
       if
       :: mine == 0 -> goto dead
       :: else -> last = seq; goto commit
       fi
    :: !(notes & mine) && last != seq -> /* Another has the number; the refusal tells the next. */
       last = seq; goto commit
    :: !(notes & mine) && last == seq && seq < MOST ->
       seq++;
       batch[seq] = mine;
       filed = filed | BIT(seq);
       notes = notes | mine;
       if
       :: ack(mine); goto dead
       :: goto dead /* It dies before it hears of it. */
       :: last = seq; goto commit /* It tries again, with the next number. */
       fi
    fi
  }
dead:
  atomic { mine = 0; last = 0; goto start }
}

/* compactor-adapter.ts, each inline the body of one step */

/* `compact`: `compacted` */
inline readCompacted() { from = through; shown = counters }

/* `#showDays`: the sums of a day that batches behind the shown ones have touched; all its rules are to be shown. */
inline readShownAgain() {
  if
  :: n & OF(at) ->
     label = UPTO(at);
     new = SUMS(at);
     o = 0;
     do
     :: o < OBJECTS -> todo = todo | (COUNT(new, o) -> BIT(o) : 0); o++
     :: else -> break
     od
  :: else
  fi
}

/* `RuleView.show`, one rule */
inline putItem(x) {
  todo = todo & ~BIT(x);
  if
  :: itemUpTo[x] < label ->
     hold(itemNeverBack, itemUpTo[x] <= label);
     item[x] = COUNT(new, x);
     itemUpTo[x] = label;
     prefix(label, x / 2);
     hold(itemAgrees, item[x] == COUNT(w, x))
  :: else
  fi
}

/* `#noteShown`. Its condition saves work alone: a number that goes back has more shown again, and more read of the log. */
inline noteShown() { counters = (counters < from -> from : counters) }

/* `#next`: `batchesAfter` gives what was there at its last look. */
inline readLog() { to = seq }

/* `#add`, of a day, where the batches touch it; its file is seen by nobody yet. */
inline readSums() {
  touched(from, to, at);
  todo = todo | (n & OF(at));
  w = (n & OF(at) -> SUMS(at) : 0);
  b = from + 1;
  do
  :: b <= to -> hold(fileIsThere, filed & BIT(b)); addObjects(batch[b], at); b++
  :: else -> break
  od;
  new = new | (n & OF(at) -> w : 0)
}

/* An item of which another transaction is not done yet is a conflict: as if the condition did not hold. */
#define CONFLICT(objects) (((unseen & BIT(0)) && (objects & OF(0))) || ((unseen & BIT(1)) && (objects & OF(1))))

/* `#advance`, once its condition holds */
inline advance() {
  through = to;
  day = 0;
  do
  :: day < DAYS ->
     if
     :: todo & OF(day) ->
        unseen = unseen | BIT(day); oldSums[day] = sums[day]; oldUpTo[day] = upTo[day];
        sums[day] = new & PART(day); upTo[day] = to
     :: else
     fi;
     day++
  :: else -> break
  od;
  checkSums();
  from = to; label = to; to = 0; at = 0
}

inline answered() {
  if :: todo & OF(0) -> see(0) :: else fi;
  if :: todo & OF(1) -> see(1) :: else fi
}

inline checkSums() {
  hold(countedOnce, ((sums[0] | sums[1]) & 42) == 0);
  prefix(through, 0);
  hold(sumsAgree, sums[0] == w);
  prefix(through, 1);
  hold(sumsAgree, sums[1] == w)
}

#define showOneOrDie if :: todo & 1 -> putItem(0) :: todo & 2 -> putItem(1) :: todo & 4 -> putItem(2) :: goto dead fi

active [COMPACTORS] proctype Compactor() {
  bit behind;
  byte from, shown, to, at, todo, new, label;
start:
end0:
  atomic { seq > 0; readCompacted(); behind = (shown < from); shown = (behind -> shown : 0); if :: behind :: else -> goto fresh fi }
check: /* `#checkSeen`, a day */
  atomic {
    if
    :: at < DAYS ->
       touched(shown, from, at);
       if
       :: x > UPTO(at) -> goto dead /* It throws. */
       :: else -> at++; goto check
       fi
    :: at == DAYS -> at = 0
    fi
  }
fresh:
  atomic { if :: seq > from -> readLog() :: seq == from && behind -> goto again :: goto dead fi }
  do
  :: atomic { at < DAYS -> readSums(); at++ }
  :: at == DAYS -> break
  :: goto dead
  od;
  atomic {
    if
    :: through == from && !CONFLICT(todo) -> advance()
    :: (through != from || CONFLICT(todo)) && behind -> to = 0; at = 0; todo = 0; new = 0; goto again
    :: goto dead
    fi
  }
  atomic { if :: answered() :: goto dead fi; if :: behind -> todo = 0; new = 0; label = 0; goto again :: else fi }
  do
  :: atomic { todo != 0 -> showOneOrDie }
  :: todo == 0 -> break
  od;
  atomic { if :: noteShown() :: goto dead fi; goto dead }
again: /* `#showAgain`; of many days a part, which is noted by itself */
  atomic { do :: from > shown + 1 -> from-- :: break od }
  do
  :: atomic { todo == 0 && at < DAYS -> touched(shown, from, at); new = 0; label = 0; readShownAgain(); at++ }
  :: atomic { todo != 0 -> showOneOrDie }
  :: todo == 0 && at == DAYS -> break
  :: goto dead
  od;
  atomic { if :: noteShown() :: goto dead fi; goto dead }
dead:
  atomic { behind = 0; from = 0; shown = 0; to = 0; at = 0; todo = 0; new = 0; label = 0; goto start }
}

/* streamed-days.ts: `#cut`; of either day */
active [READERS] proctype Reader() {
  bit one;
  byte from, early, earlyUpTo;
end0:
  do
  :: atomic { seq > 0 -> if :: one = 0 :: one < READ_DAYS - 1 -> one = 1 fi; from = counters } /* `compacted` */
     atomic { early = SUMS(one); earlyUpTo = UPTO(one) }                 /* `sums` */
     d_step {                                                          /* `batchesAfter`; `behind` */
       w = early;
       b = from + 1;
       do
       :: b <= seq ->
          if
          :: b > earlyUpTo -> addObjects(batch[b], one)
          :: else
          fi;
          b++
       :: else -> break
       od;
       n = w;
       prefix(seq, one);
       hold(prefixIsRead, n == w);
       one = 0; from = 0; early = 0; earlyUpTo = 0
     }
  od
}

/* From wherever they are, if all others die now: what is not noted is brought, and one compaction runs alone. */

hidden byte wasUnseen, wasSeq, wasFiled, wasNotes, wasThrough, wasCounters;
hidden byte wasBatch[LOG], wasSums[DAYS], wasUpTo[DAYS], wasOldSums[DAYS], wasOldUpTo[DAYS], wasItem[OBJECTS], wasItemUpTo[OBJECTS];
hidden byte from, shown, to, at, todo, new, label;

inline showAll() {
  x = 0;
  do
  :: x < OBJECTS ->
     if
     :: todo & BIT(x) -> putItem(x)
     :: else
     fi;
     x++
  :: else -> break
  od;
  new = 0; label = 0; todo = 0
}

inline runAlone() {
  readCompacted();
  if
  :: seq > from ->
     readLog();
     at = 0;
     do
     :: at < DAYS -> readSums(); at++
     :: else -> break
     od;
     advance();
     unseen = 0;
     showAll()
  :: else
  fi;
  if
  :: shown < from ->
     at = 0;
     do
     :: at < DAYS -> touched(shown, from, at); readShownAgain(); showAll(); at++
     :: else -> break
     od;
     noteShown()
  :: else
  fi
}

inline keep() {
  wasUnseen = unseen; unseen = 0;
  wasSeq = seq; wasFiled = filed; wasNotes = notes; wasThrough = through; wasCounters = counters;
  wasBatch[0] = batch[0]; wasBatch[1] = batch[1]; wasBatch[2] = batch[2]; wasBatch[3] = batch[3]; wasBatch[4] = batch[4];
  wasSums[0] = sums[0]; wasSums[1] = sums[1];
  wasUpTo[0] = upTo[0]; wasUpTo[1] = upTo[1];
  wasOldSums[0] = oldSums[0]; wasOldSums[1] = oldSums[1];
  wasOldUpTo[0] = oldUpTo[0]; wasOldUpTo[1] = oldUpTo[1];
  wasItem[0] = item[0]; wasItem[1] = item[1]; wasItem[2] = item[2];
  wasItemUpTo[0] = itemUpTo[0]; wasItemUpTo[1] = itemUpTo[1]; wasItemUpTo[2] = itemUpTo[2]
}

inline restore() {
  unseen = wasUnseen;
  seq = wasSeq; filed = wasFiled; notes = wasNotes; through = wasThrough; counters = wasCounters;
  batch[0] = wasBatch[0]; batch[1] = wasBatch[1]; batch[2] = wasBatch[2]; batch[3] = wasBatch[3]; batch[4] = wasBatch[4];
  sums[0] = wasSums[0]; sums[1] = wasSums[1];
  upTo[0] = wasUpTo[0]; upTo[1] = wasUpTo[1];
  oldSums[0] = wasOldSums[0]; oldSums[1] = wasOldSums[1];
  oldUpTo[0] = wasOldUpTo[0]; oldUpTo[1] = wasOldUpTo[1];
  item[0] = wasItem[0]; item[1] = wasItem[1]; item[2] = wasItem[2];
  itemUpTo[0] = wasItemUpTo[0]; itemUpTo[1] = wasItemUpTo[1]; itemUpTo[2] = wasItemUpTo[2]
}

active proctype Last() {
end0:
  do
  :: d_step {
       seq > 0;
       keep();
       if
       :: notes != ALL -> seq++; batch[seq] = ALL & ~notes; filed = filed | BIT(seq); notes = ALL
       :: else
       fi;
       runAlone();
       hold(wholeInTheEnd, sums[0] == ONE(0) + ONE(1) && sums[1] == ONE(2) && through == seq && counters == seq);
       hold(wholeInTheEnd, item[0] == 1 && item[1] == 1 && item[2] == 1);
       restore()
     }
  od
}
