// The server's clock: every answer says what it is, and the shortest round trip seen says
// it best. What people see of time, and what ends when, is by it and not by the device.

let offset = 0 // the server's clock less this one's, in milliseconds
let bestTrip = Infinity

export function learnTime(date: string | null, sent: number, received: number): void {
  const at = date === null ? NaN : Date.parse(date)
  const trip = received - sent
  if (Number.isNaN(at)) return
  // The header has whole seconds, so it is half a second behind on average.
  const learned = at + 500 - (sent + received) / 2
  const drifted = Math.abs(learned - offset) > 2000 // a device's clock was set, or it slept
  if (trip > bestTrip && !drifted) return
  bestTrip = trip
  offset = Math.abs(learned) < 1000 ? 0 : learned // within what the header can tell
}

export const now = (): number => Date.now() + offset
