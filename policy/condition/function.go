package condition

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // which zones there are follows from the release, where the system has none

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	lru "github.com/hashicorp/golang-lru/v2"
)

// The functions that read a moment as a clock on the wall does.
const (
	hourName    = "hour"
	weekdayName = "weekday"
	dateName    = "date"
	insideName  = "inside"
	outsideName = "outside"
)

// The costs of these functions, in steps of CEL.
const (
	momentCost = 10
	windowCost = 20
)

// overloadOf is the name of a function's only form.
func overloadOf(name string) string { return "procyon_" + name }

// functions declares them.
func functions() []cel.EnvOption {
	zones := newZones()
	moment := func(name string, result *cel.Type, read func(time.Time) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(overloadOf(name), []*cel.Type{cel.TimestampType, cel.StringType}, result,
			cel.BinaryBinding(func(t, zone ref.Val) ref.Val {
				wall, err := zones.wall(t, zone)
				if err != nil {
					return types.WrapErr(err)
				}
				return read(wall)
			})))
	}
	window := func(name string, wanted bool) cel.EnvOption {
		return cel.Function(name, cel.Overload(overloadOf(name), []*cel.Type{cel.TimestampType, cel.StringType, cel.StringType, cel.StringType, cel.StringType}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				wall, err := zones.wall(args[0], args[1])
				if err != nil {
					return types.WrapErr(err)
				}
				w, err := parseWindow(string(args[2].(types.String)), string(args[3].(types.String)), string(args[4].(types.String)))
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(w.has(wall) == wanted)
			})))
	}
	return []cel.EnvOption{
		moment(hourName, cel.IntType, func(t time.Time) ref.Val { return types.Int(t.Hour()) }),
		moment(weekdayName, cel.StringType, func(t time.Time) ref.Val { return types.String(days()[t.Weekday()]) }),
		moment(dateName, cel.StringType, func(t time.Time) ref.Val { return types.String(t.Format(time.DateOnly)) }),
		window(insideName, true),
		window(outsideName, false),
	}
}

// functionCosts are the costs of these functions.
func functionCosts() []cost.OverloadModel {
	return []cost.OverloadModel{
		cost.Overload(overloadOf(hourName), cost.EvalCost(cost.Const(momentCost))),
		cost.Overload(overloadOf(weekdayName), cost.EvalCost(cost.Const(momentCost)), cost.ResultSize(cost.Const(3))),
		cost.Overload(overloadOf(dateName), cost.EvalCost(cost.Const(momentCost)), cost.ResultSize(cost.Const(uint64(len(time.DateOnly))))),
		cost.Overload(overloadOf(insideName), cost.EvalCost(cost.Const(windowCost))),
		cost.Overload(overloadOf(outsideName), cost.EvalCost(cost.Const(windowCost))),
	}
}

// momentRule says what is wrong with a call of one of these functions, and with which
// argument; "": nothing. All but the moment are literals, so that there is nothing left of
// them that could be wrong when the condition is evaluated.
func momentRule(args []ast.Expr) (at ast.Expr, message string) {
	texts := make([]string, 0, 4)
	for _, arg := range args[1:] {
		text, literal := literalOf(arg)
		if !literal {
			return arg, "Write this as a text in quotation marks."
		}
		texts = append(texts, text)
	}
	at = args[1]
	_, err := loadZone(texts[0])
	if err == nil && len(texts) > 1 {
		at = args[2]
		_, err = parseDays(texts[1])
		if err == nil {
			at = args[3]
			_, err = parseWindow(texts[1], texts[2], texts[3])
		}
	}
	if err == nil {
		return nil, ""
	}
	return at, fmt.Sprintf("Change this: %v.", err)
}

// maxZones is how many time zones are kept at hand: reading one anew takes a file.
const maxZones = 64

// maxZone is longer than the name of any zone.
const maxZone = 64

// zones are the time zones that were used last. They are safe for concurrent use.
type zones struct {
	kept *lru.Cache[string, *time.Location]
}

func newZones() zones {
	kept, _ := lru.New[string, *time.Location](maxZones) // it refuses a size below 1
	return zones{kept}
}

// wall is a moment as the clock on the wall of a zone shows it.
func (z zones) wall(t, zone ref.Val) (time.Time, error) {
	name := string(zone.(types.String))
	at, known := z.kept.Get(name)
	if !known {
		var err error
		if at, err = loadZone(name); err != nil {
			return time.Time{}, err
		}
		z.kept.Add(name, at)
	}
	return t.(types.Timestamp).In(at), nil
}

func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > maxZone {
		return nil, errZone
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	return at, nil
}

// window is a time of some days of the week. One that ends no later than it begins goes over
// midnight.
type window struct {
	days     [7]bool // by time.Weekday
	from, to int     // minutes from midnight
}

// has tells whether a clock on the wall that shows this time shows one of the window. A time
// after midnight is of the window that began the day before.
func (w *window) has(wall time.Time) bool {
	minute, day := wall.Hour()*60+wall.Minute(), wall.Weekday()
	if w.from < w.to {
		return w.days[day] && w.from <= minute && minute < w.to
	}
	return w.days[day] && w.from <= minute || w.days[(day+6)%7] && minute < w.to
}

func parseWindow(dayList, from, to string) (w window, err error) {
	if w.days, err = parseDays(dayList); err != nil {
		return w, err
	}
	var ok, okTo bool
	w.from, ok = parseClock(from)
	w.to, okTo = parseClock(to)
	switch {
	case !ok || !okTo || w.from == 24*60:
		return w, errClock
	case w.from == w.to:
		return w, errEmpty
	}
	return w, nil
}

// parseDays reads days and ranges of days with commas between them.
func parseDays(s string) (out [7]bool, err error) {
	if len(s) > 7*len("MON-FRI,") {
		return out, errDays
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, to := dayOf(first), dayOf(last)
		if from < 0 || to < 0 {
			return out, errDays
		}
		for d := from; ; d = (d + 1) % 7 {
			out[d] = true
			if d == to {
				break
			}
		}
	}
	return out, nil
}

func days() [7]string { return [7]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} }

func dayOf(name string) int {
	for i, d := range days() {
		if d == name {
			return i
		}
	}
	return -1
}

// parseClock reads a time of a day, in minutes from midnight.
func parseClock(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}
