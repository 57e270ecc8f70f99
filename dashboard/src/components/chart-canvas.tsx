import { BarChart, HeatmapChart, LineChart, PieChart, SankeyChart, TreemapChart } from 'echarts/charts'
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useIsDark } from '../app/theme.ts'
import type { ChartInk } from './chart.tsx'

echarts.use([
  ...[BarChart, HeatmapChart, LineChart, PieChart, SankeyChart, TreemapChart],
  ...[AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent],
  ...[VisualMapComponent, CanvasRenderer],
])

const LIGHT: ChartInk = {
  ink: '#1c1d1f',
  muted: '#5d5f62',
  line: '#e3e3de',
  surface: '#ffffff',
  series: ['#0f6a63', '#b7791f', '#4a5fa5', '#a8485f', '#5d7f2e', '#7a5a9e', '#3f7f96', '#8a6a4f'],
}
const DARK: ChartInk = {
  ink: '#eceded',
  muted: '#a4a9b0',
  line: '#2d3136',
  surface: '#1a1c1f',
  series: ['#5cc8bc', '#e3b35c', '#93a6ec', '#ea93a8', '#a9cf76', '#c3a5e6', '#86c5db', '#cfae90'],
}

/** ECharts on a canvas. Tooltips are drawn too, never HTML: contributed names are in them. */
export default function ChartCanvas({ option }: { option: (ink: ChartInk) => echarts.EChartsCoreOption }) {
  const place = useRef<HTMLDivElement>(null)
  const isDark = useIsDark()
  useEffect(() => {
    const ink = isDark ? DARK : LIGHT
    const chart = echarts.init(place.current!, null, { renderer: 'canvas' })
    const { tooltip, ...rest } = option(ink) as { tooltip?: object }
    chart.setOption({
      animationDuration: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 300,
      color: ink.series,
      textStyle: { fontFamily: 'Inter Variable, sans-serif', color: ink.muted },
      ...rest,
      tooltip: {
        confine: true,
        backgroundColor: ink.surface,
        borderColor: ink.line,
        textStyle: { color: ink.ink, fontSize: 12 },
        ...tooltip,
        renderMode: 'richText',
      },
    })
    const resized = new ResizeObserver(() => chart.resize())
    resized.observe(place.current!)
    return () => {
      resized.disconnect()
      chart.dispose()
    }
  }, [option, isDark])
  return <div ref={place} className="h-full w-full" />
}
