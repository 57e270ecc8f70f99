// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A requirement of a model is an assumption: nobody reads its error.
// solhint-disable gas-custom-errors

/// @title The division of a settled amount in InferenceEscrow
/// @notice `_divide` is the escrow's own, word for word; a test holds the two together. Amounts fit 128 bits, as the escrow's do.
/// @custom:engine bmc
contract WaterfallModel {
    uint256 internal constant ONE_PPM = 1_000_000;
    uint256 internal constant MIN_CONTRIBUTORS_PPM = 200_000;

    struct Waterfall {
        uint256 protocolPpm;
        uint256 nodePpm;
        uint256 baseOwnerPpm;
        uint256 adapterOwnerPpm;
        uint256 stakersPpm;
    }

    struct Division {
        uint256 amountWei;
        uint256 protocolWei;
        uint256 nodeWei;
        uint256 baseOwnerWei;
        uint256 adapterOwnerWei;
        uint256 stakersWei;
        uint256 contributorsWei;
    }

    function divideAtTheFirstRates(uint128 amountWei) external pure {
        Division memory parts = _divide(amountWei, Waterfall(50_000, 350_000, 50_000, 100_000, 50_000));
        // Proven: at rates like the first the parts sum to the amount, to the wei
        assert(
            parts.protocolWei +
                parts.nodeWei +
                parts.baseOwnerWei +
                parts.adapterOwnerWei +
                parts.stakersWei +
                parts.contributorsWei ==
                amountWei
        );
        // Proven: at rates like the first contributors get a fifth at least
        assert(parts.contributorsWei * 5 >= amountWei);
    }

    function divideAtAnyRates(uint128 amountWei, Waterfall memory rates) external pure {
        require(rates.protocolPpm <= ONE_PPM && rates.nodePpm <= ONE_PPM && rates.baseOwnerPpm <= ONE_PPM);
        require(rates.adapterOwnerPpm <= ONE_PPM && rates.stakersPpm <= ONE_PPM);
        uint256 sum = rates.protocolPpm + rates.nodePpm + rates.baseOwnerPpm + rates.adapterOwnerPpm + rates.stakersPpm;
        require(sum <= ONE_PPM - MIN_CONTRIBUTORS_PPM);
        Division memory parts = _divide(amountWei, rates);
        // Proven: at any rates within the caps the parts sum to the amount, to the wei
        assert(
            parts.protocolWei +
                parts.nodeWei +
                parts.baseOwnerWei +
                parts.adapterOwnerWei +
                parts.stakersWei +
                parts.contributorsWei ==
                amountWei
        );
    }

    function _divide(uint256 amountWei, Waterfall memory waterfall) internal pure returns (Division memory parts) {
        uint256 remainingWei = amountWei;
        parts.amountWei = amountWei;
        parts.protocolWei = (amountWei * waterfall.protocolPpm) / ONE_PPM;
        remainingWei -= parts.protocolWei;
        parts.nodeWei = (amountWei * waterfall.nodePpm) / ONE_PPM;
        remainingWei -= parts.nodeWei;
        parts.baseOwnerWei = (amountWei * waterfall.baseOwnerPpm) / ONE_PPM;
        remainingWei -= parts.baseOwnerWei;
        parts.adapterOwnerWei = (amountWei * waterfall.adapterOwnerPpm) / ONE_PPM;
        remainingWei -= parts.adapterOwnerWei;
        parts.stakersWei = (amountWei * waterfall.stakersPpm) / ONE_PPM;
        parts.contributorsWei = remainingWei - parts.stakersWei;
    }
}
