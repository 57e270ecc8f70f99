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

    struct Rates {
        uint32 protocolPpm;
        uint32 nodePpm;
        uint32 baseOwnerPpm;
        uint32 adapterOwnerPpm;
    }

    struct Division {
        uint256 protocolWei;
        uint256 nodeWei;
        uint256 baseOwnerWei;
        uint256 adapterOwnerWei;
        uint256 contributorsWei;
    }

    function divideAtTheFirstRates(uint128 amountWei, bool baseAlone) external pure {
        Division memory parts = _divide(amountWei, Rates(50_000, 350_000, 50_000, 100_000), baseAlone);
        // Proven: at the first rates the parts sum to the amount, to the wei
        assert(
            parts.protocolWei + parts.nodeWei + parts.baseOwnerWei + parts.adapterOwnerWei + parts.contributorsWei ==
                amountWei
        );
        // Proven: at the first rates contributors get a fifth at least
        assert(parts.contributorsWei * 5 >= amountWei);
        // Proven: without an adapter nobody gets the adapter owner's part
        assert(!baseAlone || parts.adapterOwnerWei == 0);
    }

    function divideAtAnyRates(uint128 amountWei, Rates memory rates, bool baseAlone) external pure {
        uint256 sum = uint256(rates.protocolPpm) + rates.nodePpm + rates.baseOwnerPpm + rates.adapterOwnerPpm;
        require(sum <= ONE_PPM - MIN_CONTRIBUTORS_PPM);
        Division memory parts = _divide(amountWei, rates, baseAlone);
        // Proven: at any rates within the caps the parts sum to the amount, to the wei
        assert(
            parts.protocolWei + parts.nodeWei + parts.baseOwnerWei + parts.adapterOwnerWei + parts.contributorsWei ==
                amountWei
        );
    }

    function _divide(
        uint256 amountWei,
        Rates memory rates_,
        bool baseAlone
    ) internal pure returns (Division memory parts) {
        uint256 remainingWei = amountWei;
        parts.protocolWei = (amountWei * rates_.protocolPpm) / ONE_PPM;
        remainingWei -= parts.protocolWei;
        parts.nodeWei = (amountWei * rates_.nodePpm) / ONE_PPM;
        remainingWei -= parts.nodeWei;
        parts.baseOwnerWei = (amountWei * rates_.baseOwnerPpm) / ONE_PPM;
        remainingWei -= parts.baseOwnerWei;
        if (!baseAlone) parts.adapterOwnerWei = (amountWei * rates_.adapterOwnerPpm) / ONE_PPM;
        remainingWei -= parts.adapterOwnerWei;
        parts.contributorsWei = remainingWei;
    }
}
