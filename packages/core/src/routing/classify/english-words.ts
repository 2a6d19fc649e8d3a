import type { WordMeaning } from './word-meaning.js';

/** English words by what they mean, separated by spaces. A word may stand in several rows. */
export const ENGLISH_WORDS: readonly (readonly [WordMeaning, string])[] = [
  [
    { action: 'make' },
    `write create implement build generate develop add code program make produce scaffold set setup complete
     finish extend integrate install configure deploy design introduce support expose wire bootstrap
     prototype automate cover start run enable`,
  ],
  [{ action: 'request' }, 'give need want like show provide get looking share require'],
  [
    { action: 'fix' },
    `fix debug solve resolve troubleshoot diagnose repair correct investigate reproduce fixing find track
     trace debugging solving troubleshooting locate identify`,
  ],
  [
    { action: 'change' },
    `refactor restructure decouple deduplicate dedupe modernize modernise rename inline refactoring
     restructuring unify consolidate modularize modularise reorganize reorganise simplify tidy migrate
     untangle`,
  ],
  [
    { action: 'rework' },
    `rewrite rework turn transform translate shorten improve optimize optimise speed rephrase rewritten
     simplified modify change update port split extract replace clean cleanup move break`,
  ],
  [{ action: 'convert' }, 'convert calculate compute'],
  [
    { action: 'judge' },
    `review critique audit assess evaluate check inspect rate judge verify approve lgtm grade validate
     scrutinize reviewing proofread`,
  ],
  [
    { action: 'tell' },
    `explain describe clarify understand teach elaborate interpret walk compare define illustrate discuss
     analyze analyse contrast outline explaining eli5 learn document explore`,
  ],
  [
    { action: 'text' },
    `draft compose brainstorm suggest plan pretend act imagine summarize summarise classify recommend
     paraphrase edit roleplay book cancel schedule invent play continue embody embrace suppose assume picture
     downgrade upgrade list`,
  ],
  [{ question: 'why' }, 'why'],
  [{ question: 'what' }, "what what's whats"],
  [{ question: 'how' }, "how how's"],
  [{ question: 'fact' }, "who who's whose when where which whom name"],
  [
    { question: 'yes-no' },
    `is are was were does do did has have can could should will would isn't aren't doesn't`,
  ],
  [
    { filler: true },
    `please can could would will you kindly hi hello hey also then now next first finally i'd just help me to
     i we let's let us must should your task is so ok okay great thanks i'll pls want wanted we'd my goal
     you'll tell go try and but the question quick do be able have i'm we're are using trying thank here a
     currently don't not never dear`,
  ],
  [
    { negation: true },
    `not don't no without never doesn't isn't can't cannot nothing won't didn't aren't wasn't`,
  ],
  [{ joins: true }, 'and then to please you also or should must'],
  [
    { thing: 'code' },
    `function functions class classes method methods script scripts component components endpoint endpoints
     api apis query queries regex module modules test tests app application cli algorithm hook hooks
     migration schema dockerfile workflow page website webpage server library package parser decorator
     interface type types sql html css python javascript typescript rust java golang react vue angular node
     express django flask fastapi spring code codebase repository repo program loop array variable variables
     file files folder database table backend frontend bash shell kubernetes docker git npm postgres mysql
     redis prisma webpack vite nginx terraform monorepo plugin extension widget button form compiler struct
     enum generic callback callbacks promise promises async thread threads goroutine goroutines
     implementation one-liner snippet service services handler handlers middleware controller imports helper
     helpers ruby php kotlin swift scala c++ c# flag config pipeline crud switch layer layers logic bot cron
     queue wrapper retry retries backoff fetch http https cache validation logging logger token session
     cookie url json csv xml yaml parameter parameters argument arguments field column columns constant event
     events listener client sdk ci exporter importer reducer reducers state router route routes orm seed
     fixture mock linter makefile timer haskell elixir erlang clojure perl lua dart zig julia matlab assembly
     arduino excel vba powershell systemd aws lambda graphql rest grpc websocket websockets jest vitest
     pytest eslint svelte tailwind`,
  ],
  [
    { thing: 'prose' },
    `poem story essay email letter blog post article song speech slogan tweet paragraph recipe itinerary
     resume cv novel haiku limerick joke sentence grammar spelling headline caption lyrics trip meal diet
     workout gift ideas names title advert ad message invitation dialogue chapter character plot report
     newsletter proposal text sentences paragraphs french spanish german chinese english flight reservation
     booking description cover lesson plan flights seats hotel notes texts agenda announcement synonyms`,
  ],
  [
    { thing: 'fault' },
    `error errors bug bugs exception exceptions crash crashes crashed crashing fail fails failed failing
     failure broken breaks traceback segfault leak leaks hangs hang hanging deadlock wrong issue issues
     problem problems undefined null nan flaky stuck unexpected incorrect incorrectly mistake mistakes
     timeout timeouts throws throwing panics panic denied refused freezes blank overflow overflows corrupt
     corrupted oom duplicates cause race regression 400 401 403 404 500 502 503 slow slower expected actual
     received unexpectedly intermittently randomly corruption`,
  ],
  [{ thing: 'patch' }, 'pr diff pull patch commit commits branch changeset merge changes mr'],
  [
    { thing: 'account' },
    `explanation overview walkthrough tutorial difference differences pros cons tradeoffs trade-offs
     advantages disadvantages meaning concept example examples basics introduction happens summary guide
     principle`,
  ],
  [
    { thing: 'opinion' },
    `feedback opinion critique thoughts review audit vulnerabilities think edge risky safe secure idiomatic
     correct solid follow best quality practices`,
  ],
  [{ thing: 'behaviour' }, 'behaviour behavior output result functionality results signature'],
  [{ thing: 'working' }, 'work works working'],
  [
    { thing: 'quality' },
    `readable cleaner simpler dry duplication maintainable idiomatically testable shorter faster reusable
     modular elegant concise`,
  ],
  [
    { difficulty: 5 },
    `architecture distributed concurrent concurrency deadlock race migrate across entire whole everywhere
     codebase scalable production prove proof derive trade-offs tradeoffs end-to-end backwards backward
     comprehensive microservices microservice transactional consistency consensus compiler cryptography
     thorough`,
  ],
  [
    { difficulty: 3 },
    `design optimize optimise performance security algorithm thread-safe modules dependencies integration
     multiple complex complexity strategy rigorous monorepo refactor interfaces investigate diagnose leak
     flaky goroutines priorities delivery shutdown authentication`,
  ],
  [
    { difficulty: 4 },
    `probability theorem integral derivative equation equations inequality calculus geometry remainder
     polynomial matrix formal quantum`,
  ],
  [
    { difficulty: -4 },
    `simple simply quick quickly brief briefly short trivial typo one-liner basic eli5 tiny`,
  ],
];
