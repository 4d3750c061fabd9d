package fanout_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// What is committed one after the other goes to many in one round, so that each of their
// connections makes one write; one who is alone waits for nothing.
func TestManyAreToldOfABurstAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		many := make([]*reader, 1000)
		for i := range many {
			many[i] = b.open(admin("a"), plain, nil)
		}
		alone := b.open(member("m"), plain, nil)
		synctest.Wait()
		<-alone.woken // by being opened
		for _, r := range many {
			<-r.woken
		}
		began := time.Now()
		for i := range 10 {
			if i == 5 {
				<-time.After(time.Millisecond) // less than nothing may come for
			}
			f := owned("m", 1)
			f[0].Text = strconv.Itoa(i)
			b.publish(f...)
			synctest.Wait()
			if len(alone.woken) != 1 {
				t.Fatal("who is alone has to wait")
			}
			<-alone.woken
			if len(many[0].woken) > 0 {
				t.Fatalf("many are told after %d of 10", i+1)
			}
		}
		if err := many[999].until(10); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 10*time.Millisecond {
			t.Errorf("they were told after %s", took)
		}
		synctest.Wait()
		if len(many[999].woken) > 0 {
			t.Error("they were told twice")
		}
		b.fan.Close()
	})
}

// Many are not told of one entry while more are being written, for ten milliseconds at most.
func TestManyWaitForWhatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		many := make([]*reader, 1000)
		for i := range many {
			many[i] = b.open(admin("a"), plain, nil)
		}
		told := func() time.Duration {
			began := time.Now()
			for _, r := range many {
				<-r.woken
			}
			return time.Since(began)
		}
		told() // by being opened
		b.log.Expect(true)
		b.publish(owned("m", 1)...)
		<-time.After(5 * time.Millisecond)
		if len(many[0].woken) > 0 {
			t.Error("many are told while more is being written")
		}
		b.publish(owned("m", 1)...)
		b.log.Expect(false)
		if took := told(); took > 4*time.Millisecond {
			t.Errorf("they are told %s after nothing more is being written", took)
		}
		if err := many[999].until(2); err != nil || len(many[0].woken) > 0 {
			t.Errorf("they are told twice, or %v", err)
		}
		b.log.Expect(true)
		b.publish(owned("m", 1)...)
		if took := told(); took > 10*time.Millisecond {
			t.Errorf("they wait %s for what does not come", took)
		}
		b.fan.Close()
	})
}
