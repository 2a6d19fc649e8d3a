import { type RedisScript, redisScript } from './redis-connection.js';

/**
 * A counter is a hash: "used", "held" (the sum of its live leases) and "end" (empty when it has none). Its leases are
 * a sorted set of "amount:lease id" by the time when each is over. A lease is a hash. Keys get a time to live so that
 * Redis forgets them; whether something has ended is judged by the clock in here alone.
 *
 * Numbers become text by "%.0f", because Lua's own way rounds them beyond 14 digits.
 */
const SHARED = `
local MOST = ${Number.MAX_SAFE_INTEGER}
local GRACE = 60000
local function text(number) return string.format('%.0f', number) end
local function within(number) return math.max(-MOST, math.min(MOST, number)) end
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function ended(time, now) return time ~= '' and tonumber(time) <= now end

-- The counter without leases that are over; nil when there is none. Forgets a counter that has ended.
local function load(counter, leases, now)
  local kept = redis.call('HMGET', counter, 'used', 'held', 'end')
  if not kept[1] then return nil end
  if ended(kept[3], now) then
    redis.call('DEL', counter, leases)
    return nil
  end
  local held = tonumber(kept[2])
  local over = redis.call('ZRANGEBYSCORE', leases, '-inf', text(now))
  if #over > 0 then
    for _, member in ipairs(over) do held = held - tonumber(string.match(member, '^%d+')) end
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', text(now))
    redis.call('HSET', counter, 'held', text(held))
  end
  return { used = tonumber(kept[1]), held = held, last = kept[3] }
end

local function begin(counter, last, now)
  redis.call('HSET', counter, 'used', '0', 'held', '0', 'end', last)
  if last ~= '' then redis.call('PEXPIRE', counter, text(tonumber(last) - now + GRACE)) end
  return { used = 0, held = 0, last = last }
end

local function state(answer, counter)
  table.insert(answer, text(counter and counter.used or 0))
  table.insert(answer, text(counter and counter.held or 0))
  table.insert(answer, counter and counter.last or '')
end
`;

/**
 * KEYS: the lease, then the hash and the leases of each counter, those of the limits first.
 * ARGV: the time, amount, lease id, lease duration, time to keep it, the keys as JSON, the number of limits; then for
 * each limit its most, its end, and how many counters it includes, followed by their numbers.
 */
export const RESERVE: RedisScript = redisScript(`${SHARED}
local now = clock(ARGV[1])
local amount = tonumber(ARGV[2])
local limits = tonumber(ARGV[7])
local counters = {}
local count = (#KEYS - 1) / 2
for i = 1, count do counters[i] = load(KEYS[2 * i], KEYS[2 * i + 1], now) end

local function decide()
  local lease = redis.call('HMGET', KEYS[1], 'ends', 'charged')
  if lease[1] then
    if lease[2] ~= '' or tonumber(lease[1]) <= now then return 'used' end
    return 'granted'
  end
  local result = 'new'
  local place = 8
  local lasts = {}
  for i = 1, limits do
    local most, last, included = tonumber(ARGV[place]), ARGV[place + 1], tonumber(ARGV[place + 2])
    if ended(last, now) then return 'window-over' end
    lasts[i] = last
    local sum = amount
    if counters[i] then sum = sum + counters[i].used + counters[i].held end
    for j = 1, included do
      local other = counters[tonumber(ARGV[place + 2 + j])]
      if other then sum = sum + other.used + other.held end
    end
    place = place + 3 + included
    if sum > most then result = 'limit' end
  end
  return result, lasts
end

local result, lasts = decide()
if result == 'new' then
  result = 'granted'
  local over = now + tonumber(ARGV[4])
  local ends = {}
  for i = 1, limits do
    local counter = counters[i] or begin(KEYS[2 * i], lasts[i], now)
    counter.held = counter.held + amount
    counters[i] = counter
    redis.call('HSET', KEYS[2 * i], 'held', text(counter.held))
    redis.call('ZADD', KEYS[2 * i + 1], text(over), text(amount) .. ':' .. ARGV[3])
    if counter.last ~= '' then
      redis.call('PEXPIRE', KEYS[2 * i + 1], text(tonumber(counter.last) - now + GRACE))
    end
    ends[i] = counter.last
  end
  redis.call('HSET', KEYS[1], 'amount', text(amount), 'ends', text(over), 'charged', '', 'keys', ARGV[6],
    'lasts', table.concat(ends, ','))
  redis.call('PEXPIRE', KEYS[1], text(tonumber(ARGV[4]) + tonumber(ARGV[5])))
end
local answer = { result, text(now) }
for i = 1, count do state(answer, counters[i]) end
return answer
`);

/**
 * KEYS: as of a reservation, for the counters of the lease in their order.
 * ARGV: the time, amount, whether to replace what was charged, lease id, how long to keep the lease.
 */
export const CHARGE: RedisScript = redisScript(`${SHARED}
local now = clock(ARGV[1])
local amount = tonumber(ARGV[2])
local lease = redis.call('HMGET', KEYS[1], 'amount', 'charged', 'lasts')
if not lease[1] then return 'unknown' end
if lease[2] ~= '' and ARGV[3] ~= 'replace' then return 'unchanged' end
local before = lease[2] == '' and 0 or tonumber(lease[2])
local i = 0
for last in string.gmatch(lease[3] .. ',', '([^,]*),') do
  i = i + 1
  local hash, leases = KEYS[2 * i], KEYS[2 * i + 1]
  local counter = load(hash, leases, now)
  if counter and counter.last == last then
    if redis.call('ZREM', leases, lease[1] .. ':' .. ARGV[4]) == 1 then
      redis.call('HSET', hash, 'held', text(counter.held - tonumber(lease[1])))
    end
    redis.call('HSET', hash, 'used', text(within(counter.used + amount - before)))
  end
end
redis.call('HSET', KEYS[1], 'charged', text(amount))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 'settled'
`);

/** KEYS: the hash and the leases of the counter. ARGV: the time, amount, time to live or nothing. */
export const ADD: RedisScript = redisScript(`${SHARED}
local now = clock(ARGV[1])
local counter = load(KEYS[1], KEYS[2], now)
if not counter then
  counter = begin(KEYS[1], ARGV[3] == '' and '' or text(now + tonumber(ARGV[3])), now)
end
counter.used = within(counter.used + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'used', text(counter.used))
local answer = {}
state(answer, counter)
return answer
`);

/** KEYS: the hash and the leases of each counter. ARGV: the time. */
export const READ: RedisScript = redisScript(`${SHARED}
local now = clock(ARGV[1])
local answer = {}
for i = 1, #KEYS, 2 do state(answer, load(KEYS[i], KEYS[i + 1], now)) end
return answer
`);
