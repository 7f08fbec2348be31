/* What this plugin adds to VRT files. */
#ifndef SELO_VRT_FUNCTIONS_H
#define SELO_VRT_FUNCTIONS_H

/* Processing steps for VRTProcessedDataset: SeloNormalise, SeloThreshold, SeloColorMap, SeloSimilarity, SeloFusion. */
void selo_vrt_steps_register(void);

/* Pixel functions for VRTDerivedRasterBand: selo_overlay, selo_window_mean. */
void selo_pixel_functions_register(void);

#endif
