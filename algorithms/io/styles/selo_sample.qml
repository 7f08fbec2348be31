<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.34.0" styleCategories="Symbology|Labeling" labelsEnabled="1">
  <renderer-v2 type="singleSymbol" symbollevels="0">
    <symbols>
      <symbol type="fill" name="0" alpha="1">
        <layer class="SimpleLine" enabled="1" pass="0" locked="0">
          <Option type="Map">
            <Option name="line_color" type="QString" value="90,90,90,255"/>
            <Option name="line_width" type="QString" value="0.26"/>
            <Option name="line_width_unit" type="QString" value="MM"/>
            <Option name="line_style" type="QString" value="solid"/>
            <Option name="joinstyle" type="QString" value="miter"/>
          </Option>
        </layer>
      </symbol>
    </symbols>
  </renderer-v2>
  <labeling type="simple">
    <settings>
      <text-style fieldName="coalesce(&quot;query&quot; || '\n', '') || coalesce('Rmi ' || format_number(&quot;rmi&quot;, 3), &quot;status&quot;)"
                  isExpression="1" fontSize="9" fontSizeUnit="Point" fontWeight="75" textColor="30,30,30,255" textOpacity="1">
        <text-buffer bufferDraw="1" bufferSize="0.9" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="0.85"/>
      </text-style>
      <text-format autoWrapLength="60" multilineAlign="0"/>
      <placement placement="1" quadOffset="2" xOffset="0" yOffset="-0.9" offsetUnits="MM"
                 geometryGenerator="make_point(x_min($geometry), y_max($geometry))"
                 geometryGeneratorType="PointGeometry" geometryGeneratorEnabled="1"/>
      <rendering drawLabels="1" obstacle="0" fontLimitPixelSize="0"/>
    </settings>
  </labeling>
</qgis>
