import { graphql, type ResultOf } from '../api/graphql.ts'

export const ReadOverview = graphql(`
  query ReadOverview($days: Int!, $timeZone: String!) {
    overview(days: $days, timeZone: $timeZone) {
      at
      pending { from before count }
      requests {
        countedUpTo made approved denied timedOut medianToDecide p90ToDecide
        days { date made approved denied timedOut medianToDecide p90ToDecide }
        busiestResources { resourceId name requests resource { id account { name } gateway { name } } }
      }
      deliveries {
        delivered dead waiting
        integrations { delivered dead waiting integration { id name status } }
      }
    }
    problems(first: 100) { problems { key kind since text mend url } }
  }
`)

export type Overview = NonNullable<ResultOf<typeof ReadOverview>['overview']>
export type Requests = NonNullable<Overview['requests']>
export type Day = Requests['days'][number]
export type Problem = NonNullable<ResultOf<typeof ReadOverview>['problems']>['problems'][number]
